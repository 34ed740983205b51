"""These helpers put pictures into an index and search for them; the contract suites of the search use them."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.model import ImageRecord, Label, ObjectRef
from imagelabels.domain.query import Query, Term
from imagelabels.ports import LabelIndex, Ledger
from tests.contract.samples import put, record

Pair = tuple[Ledger, LabelIndex]


def picture(name: str, *labels: Label, at: int = 0, above: dict[str, tuple[str, ...]] | None = None) -> ImageRecord:
    return record(ObjectRef("oss", "album", name), labels, updated_at=1_700_000_000_000 + at, ancestors=above)


def put_all(ledger: Ledger, *pictures: ImageRecord) -> None:
    for number, row in enumerate(pictures):
        put(ledger, row, f"e{number}")


def matching_keys(index: LabelIndex, query: Query) -> list[str]:
    return [row.ref.key for row in index.search(query).records]


def all_pages(index: LabelIndex, query: Query) -> list[list[str]]:
    pages: list[list[str]] = []
    while True:
        page = index.search(query)
        pages.append([row.ref.key for row in page.records])
        if page.next is None:
            return pages
        query = replace(query, page=page.next)


def every(*words: str, least: float = 0.0) -> tuple[Term, ...]:
    """Return a term for each word. A word is written as its ids with bars between them."""
    return tuple(Term(frozenset(word.split("|")), least) for word in words)
