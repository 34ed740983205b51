"""The API over rows in memory, and clients that ask it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from imagelabels.api.app import Api
from imagelabels.api.here import Caller, Services
from imagelabels.api.limits import RateLimit
from imagelabels.domain import words
from imagelabels.domain.model import ImageRecord, Label, ObjectRef
from imagelabels.domain.query import Counts, Page, Query
from imagelabels.ports import Unfinished
from imagelabels.records import paging
from imagelabels.records.paging import PagePosition
from imagelabels.usecases.gallery import Gallery
from tests.contract import judge
from tests.contract.samples import label, put, record
from tests.fakes import FakeLedger
from tests.fakes_albums import FakeAlbums, FakeChanges

WORDS = words.load(("ci", "imm"))


class MemoryIndex:
    """A search over rows in a list, as the judge of the contract suites searches. It counts what it is asked. `fails`
    has the errors by the numbers of the searches that they end."""

    def __init__(self, rows: Iterable[ImageRecord] = ()) -> None:
        self.rows = list(rows)
        self.asked = 0
        self.fails: dict[int, Exception] = {}

    def search(self, query: Query) -> Page:
        self.asked += 1
        if self.asked in self.fails:
            raise self.fails.pop(self.asked)
        start = paging.place(query)
        rows = judge.matches(self.rows, query)
        if start is not None:
            sign = -1 if query.order in ("newest", "confidence") else 1
            rows = judge.behind(self.rows, query, (sign * start.rank, start.uri.encode("utf-8", "surrogatepass")))
        shown = rows[: query.limit]
        if len(rows) <= query.limit:
            return Page(tuple(shown), None)
        rank, uri = judge.place(shown[-1], query)
        return Page(tuple(shown), paging.token(query, PagePosition(abs(rank), uri.decode("utf-8", "surrogatepass"))))

    def count(self, query: Query) -> Counts:
        self.asked += 1
        return judge.counts(self.rows, query)

    def unfinished(
        self,
        now: float,
        bucket: str = "",
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Unfinished, ...]:
        return ()


@dataclass(slots=True)
class Answered:
    """An answer of the API."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem that the answer names."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        code: str = self.json["code"]
        return code


@dataclass
class Site:
    """The API over rows in memory. `caller` is who asks."""

    index: MemoryIndex = field(default_factory=MemoryIndex)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    caller: Caller = field(default_factory=lambda: Caller("somebody", may_write=True))
    per_minute: int = 1_000_000
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = 0.0
        self.albums = FakeAlbums()
        self.changes = FakeChanges(self.ledger.changes)
        gallery = Gallery(self.index, self.ledger, WORDS)
        self.services = Services(gallery, self.albums, self.changes, lambda: 1_700_000_000_000, **self.more)
        self.api = Api(self.services, lambda event: self.caller, RateLimit(self.per_minute, lambda: self.now))

    def serves(self, **more: Any) -> None:
        """Let the API have further services."""
        self.services = replace(self.services, **more)
        self.api = Api(self.services, lambda event: self.caller, RateLimit(self.per_minute, lambda: self.now))

    def has(self, key: str, *labels: Label, bucket: str = "photos", **more: Any) -> ImageRecord:
        """Let there be a picture with these labels."""
        row = replace(picture(f"oss://{bucket}/{key}", *labels), **more)
        self.index.rows.append(row)
        put(self.ledger, row, f"event of {key}")
        return row

    def sees(self, *prefixes: str) -> None:
        """Let the caller see these prefixes only."""
        self.caller = replace(self.caller, within=prefixes)

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answered:
        return self.ask("GET", address, headers)

    def ask(self, method: str, address: str, headers: Mapping[str, str] | None = None, body: object = None) -> Answered:
        answer = self.api.answer(event(method, address, headers, body))
        return Answered(answer["statusCode"], answer["headers"], answer["body"])


def picture(uri: str, *labels: Label, at: int = 1_700_000_000_000) -> ImageRecord:
    """A row of a labelled picture, whose labels have the ancestors that the taxonomy has."""
    store, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    above = {one.id: WORDS.taxonomy.ancestors(one.id) for one in labels}
    return record(ObjectRef(store, bucket, key), labels, updated_at=at, ancestors=above)


def seen(label_id: str, confidence: float = 0.9) -> Label:
    """A label as a detector gives it."""
    return label(label_id, confidence, None, label_id)


def event(
    method: str, address: str, headers: Mapping[str, str] | None = None, body: object = None
) -> Mapping[str, Any]:
    """A request as an event in the form of a function URL of AWS Lambda."""
    parts = urlsplit(address)
    query: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    names = {"content-type": "application/json"} if body is not None else {}
    return {
        "version": "2.0",
        "rawPath": parts.path,
        "rawQueryString": "",
        "headers": {**names, **(headers or {})},
        "queryStringParameters": query,
        "requestContext": {
            "requestId": "r",
            "stage": "$default",
            "http": {"method": method, "path": parts.path, "sourceIp": "192.0.2.1"},
        },
        "body": None if body is None else body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
