"""The numbers that the paper prints: one CSV per table or figure.

``run`` and ``method`` name the cell of ours that stands beside a row; they are empty where a row
is quoted by the paper from elsewhere.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
