"""Computes what a row is after a write."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.aliyun.tablestore.plainbuffer import Kind, Sent, SentCell
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.values import Bound, Cell, Key, Row, Value


def put(sent: Sent, now: int, versions: int) -> Row:
    """Return the row that replaces any other. `now` is in milliseconds, and `versions` of each column are kept."""
    if any(cell.kind is not Kind.PUT for cell in sent.cells):
        raise invalid("PutRow can only put columns.")
    written = {(cell.name, now if cell.at is None else cell.at): _value(cell) for cell in sent.cells}
    return _row(sent.key, written, now, versions)


def update(row: Row | None, sent: Sent, now: int, versions: int) -> Row | None:
    """Return the changed row, or None if there was none and nothing is put. A row outlives its last column."""
    if not sent.cells:
        raise invalid("Attribute column is missing.")
    held = {} if row is None else {(cell.name, cell.at): cell.value for cell in row.cells}
    for cell in sent.cells:
        if cell.kind is Kind.PUT:
            held[cell.name, now if cell.at is None else cell.at] = _value(cell)
        elif cell.kind is Kind.INCREMENT:
            held[cell.name, now] = _sum(cell, held)
        else:
            held = {
                (name, at): value
                for (name, at), value in held.items()
                if name != cell.name or (cell.kind is Kind.DELETE_ONE and at != cell.at)
            }
    if row is None and not held:
        return None
    return _row(sent.key, held, now, versions)


def _sum(cell: SentCell, held: dict[tuple[str, int], Value]) -> int:
    """Return the newest value plus the increment. A missing column counts as 0."""
    newest = max((at for name, at in held if name == cell.name), default=None)
    before = 0 if newest is None else held[cell.name, newest]
    assert isinstance(cell.value, int)
    if type(before) is not int:
        raise invalid(f"Column '{cell.name}' is not an integer and cannot be incremented.")
    after = before + cell.value
    if not -(1 << 63) <= after < 1 << 63:
        raise invalid(f"Column '{cell.name}' would overflow.")
    return after


def _row(key: Key, held: dict[tuple[str, int], Value], now: int, versions: int) -> Row:
    cells = sorted(
        (Cell(name, value, at) for (name, at), value in held.items()), key=lambda cell: (cell.name, -cell.at)
    )
    return Row(key, tuple(newest(cells, versions)), now)


def newest(cells: Iterable[Cell], versions: int) -> Iterable[Cell]:
    """Yield at most so many versions of each column. The cells are in the order of a row."""
    name, seen = "", 0
    for cell in cells:
        name, seen = (cell.name, seen + 1) if cell.name == name else (cell.name, 1)
        if seen <= versions:
            yield cell


def _value(cell: SentCell) -> Value:
    assert cell.value is not None
    assert not isinstance(cell.value, Bound)
    return cell.value
