"""Views over results: tables, claims, figures and the report's front page.

This package reads files only. The workflow imports it to ask which figures a scale can draw, so
matplotlib, scipy and torch are imported where something is drawn or computed.
"""
