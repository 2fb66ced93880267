"""Files: whole or absent, identified by their hash, described in their header."""
