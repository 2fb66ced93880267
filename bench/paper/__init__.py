"""The numbers that the paper prints, one CSV per table or figure, and its claims.

The columns ``run`` and ``method`` name our cell that stands beside a row; they are empty where the
paper quotes the row from elsewhere.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
