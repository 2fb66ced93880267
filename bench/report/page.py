"""Markdown as a web page."""

from __future__ import annotations

from markdown_it import MarkdownIt

STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: 0.3em 0.8em; border-bottom: 1px solid #ddd; text-align: left; }
th { border-bottom: 2px solid #888; }
"""


def to_page(title: str, markdown: str) -> str:
    """Renders Markdown as an HTML document that has no script and loads nothing."""
    body = MarkdownIt().enable("table").render(markdown)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
