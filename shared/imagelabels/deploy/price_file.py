"""Reads a file of prices, which is JSON, and says which field of which price is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.prices import Price, Prices, by_id
from imagelabels.views.printing import escaped, nearest

MOST_BYTES = 1_000_000
_FIELDS = {field.name: field.default is MISSING for field in fields(Price)}
"""The members of a price, and whether each of them must be there."""
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Newer versions of Python would take other forms too."""
_SOURCE = re.compile(r"https://[!-~]+")


def shipped() -> Prices:
    """Return the prices that are shipped with this package. Nothing keeps them up to date: each has its date."""
    return read((files("imagelabels.deploy") / "prices.json").read_bytes(), "prices.json")


def read(content: bytes, name: str) -> Prices:
    """Read the content of the file with that name. Misconfigured says what is wrong with it, and where."""
    if len(content) > MOST_BYTES:
        raise Misconfigured(f"{name}: the file is larger than {MOST_BYTES:,} bytes, the most that it may have")
    try:
        form = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise Misconfigured(f"{name}: the file is not encoded in UTF-8") from None
    except json.JSONDecodeError as error:
        raise Misconfigured(f"{name}: line {error.lineno}: the file is not JSON: {error.msg}") from None
    except ValueError:
        # Python refuses to read a whole number of more than 4,300 digits.
        raise Misconfigured(f"{name}: the file is not a list of prices: a number in it is too long") from None
    except RecursionError:
        raise Misconfigured(f"{name}: the file is not a list of prices: it is nested too deeply") from None
    rows = form.get("prices") if isinstance(form, dict) else None
    if not isinstance(rows, list):
        raise Misconfigured(f'{name}: the file must be {{"prices": [...]}}, a list of prices')
    prices = [_price(row, f"{name}: price {number}") for number, row in enumerate(rows, 1)]
    for price_id, times in Counter(price.id for price in prices).items():
        if times > 1:
            raise Misconfigured(f"{name}: the id {escaped(price_id)} stands there {times} times: keep one")
    return by_id(prices)


def _price(row: Any, where: str) -> Price:
    if not isinstance(row, dict):
        raise Misconfigured(f"{where}: it must be an object with the members {', '.join(_FIELDS)}")
    if isinstance(row.get("id"), str):
        where += f" ({escaped(row['id'])})"
    _checked_members(row, where)
    _checked_amount(row, where)
    if not _SOURCE.fullmatch(row["source"]):
        raise Misconfigured(f"{where}: source must be the address of a page, beginning with https://")
    values: dict[str, Any] = dict(row)
    values |= {member: _date(row[member], f"{where}: {member}") for member in ("seen", "page_of") if member in row}
    values |= {member: _decimal(row[member], f"{where}: {member}") for member in ("per", "amount") if member in row}
    if not values["per"]:
        raise Misconfigured(f"{where}: per must be more than 0")
    return Price(**values)


def _checked_members(row: Mapping[str, Any], where: str) -> None:
    for member, value in row.items():
        if member not in _FIELDS:
            raise Misconfigured(f"{where}: {escaped(member)} is not a member of a price{_hint(member)}")
        if not isinstance(value, str) or not value:
            raise Misconfigured(f"{where}: {member} must be a text in quotes, and not empty")
    for member, needed in _FIELDS.items():
        if needed and member not in row:
            raise Misconfigured(f"{where}: {member} is missing")


def _hint(member: str) -> str:
    close = nearest(member, _FIELDS)
    return f"; did you mean {close}?" if close else ""


def _checked_amount(row: Mapping[str, str], where: str) -> None:
    """Check that the price is either known, with a currency, or unknown, with a reason."""
    if ("amount" in row) == ("unknown" in row):
        raise Misconfigured(f"{where}: it needs either amount, or unknown with the reason why there is none")
    if ("amount" in row) != ("currency" in row):
        raise Misconfigured(f"{where}: amount and currency belong together")
    if "currency" in row and not _CURRENCY.fullmatch(row["currency"]):
        raise Misconfigured(f"{where}: currency must be three capital letters, such as USD or CNY")


def _decimal(text: str, where: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise Misconfigured(f"{where} must be a number such as 0.142, with at most 12 digits on each side of the point")
    return Decimal(text)


def _date(text: str, where: str) -> date:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{where} must be a date such as 2026-11-28") from None
