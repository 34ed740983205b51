"""Writes texts that strangers chose into cells of spreadsheets, so that no program takes them for formulas."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Spreadsheet programs take a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection"""


def cell(text: str) -> str:
    """Return the text of a cell, behind an apostrophe if a program might take it for a formula otherwise."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(_FORMULA) else text
