"""Configurations: strict dataclasses, readable without torch."""
