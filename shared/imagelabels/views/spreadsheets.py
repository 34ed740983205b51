"""Writes texts that strangers chose into cells of spreadsheets, so that no program takes them for formulas."""

from __future__ import annotations

import re

_BLANK = r"(?:[^\S\t\r\n]|[\x00-\x08\x0e-\x1f\u200b-\u200f\u2060\ufeff])"
"""Programs may leave out a blank or an invisible character in front of a formula."""

_FORMULA = re.compile(rf'^(?={_BLANK}*[=+\-@＝＋－＠\t\r\n])|(?<=[;\t\r\n])(?=(?:{_BLANK}|")*[=+\-@＝＋－＠])')
"""Spreadsheet programs take a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection

In many countries they part the cells of a CSV file at semicolons, and some programs also at tabs. A comma then ends no
cell, so a quote behind it begins none and protects nothing: what follows a semicolon, a tab or a line end inside of our
cell begins a cell of theirs."""


def cell(text: str) -> str:
    """Return the text of a cell, with an apostrophe wherever a program might take what follows for a formula."""
    return _FORMULA.sub("'", text)
