"""Reads CSV files of rows, and checks that they have the columns asked for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.errors import BadInput


def read_rows(path: Path, *columns: str, **options) -> pd.DataFrame:
    """The rows of a CSV that has at least ``columns``; ``options`` go to pandas.

    Raises:
        BadInput: the file is missing, is no CSV, or lacks a column.
    """
    try:
        rows = pd.read_csv(path, **options)
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; make it first") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        problem = str(error).splitlines()[0]
        raise BadInput(f"{path}: not a CSV of rows: {problem}") from None
    missing = [column for column in columns if column not in rows]
    if missing:
        raise BadInput(f"{path}: lacks the columns {', '.join(missing)}")
    return rows
