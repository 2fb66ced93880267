"""Views over the rows: tables and figures. This package reads files only."""
