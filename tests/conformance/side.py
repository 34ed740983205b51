"""One of the two sides that are compared: the real account or the emulator, and what may be sent there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from tests.conformance.facts import Reply
from tests.conformance.spending import Spending
from tests.conformance.steps import REQUEST
from tests.conformance.stores import Request, Store

PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}/")
LISTING = frozenset({"prefix", "delimiter", "marker", "max-keys", "max-uploads", "uploads", "versions"})
"""The parameters of requests to the bucket itself that look below a prefix and change nothing."""
SOURCES = ("x-oss-copy-source", "x-cos-copy-source")


class Outside(Exception):
    """A request would touch something outside of the prefix. It was not sent: this is a mistake in a question."""


@dataclass(slots=True)
class Side:
    store: Store
    bucket: str
    prefix: str
    throwaway: str = ""
    """A bucket whose settings may be changed. It is empty if there is none."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    spending: Spending | None = None
    """What may be spent. None is the emulator, which costs nothing."""

    def send(self, request: Request, price: Decimal = REQUEST) -> Reply:
        self._check(request)
        if self.spending is not None:
            self.spending.take(price)
        return self.store.send(request)

    def _check(self, request: Request) -> None:
        if request.bucket not in {self.bucket, self.throwaway} - {""}:
            raise Outside(f"{request.method} goes to another bucket")
        source = next((value for name, value in request.headers.items() if name.lower() in SOURCES), None)
        if source is not None and not self._ours(source):
            raise Outside(f"{request.method} copies from outside of {self.prefix}")
        if request.key:
            # A client for HTTP removes the segments . and .. of a path, so that such a key names another object.
            inside = request.key.startswith(self.prefix) and not {".", ".."} & set(request.key.split("/"))
        elif request.bucket == self.throwaway:
            inside = True
        else:
            below = request.query.get("prefix", "").startswith(self.prefix)
            inside = request.method == "GET" and below and request.query.keys() <= LISTING
        if not inside:
            raise Outside(f"{request.method} {request.key or 'of the bucket'} is outside of {self.prefix}")

    def _ours(self, source: str) -> bool:
        """Tell whether a source of a copy is below the prefix: /bucket/key of OSS, or host/key of COS."""
        place, _, key = source.lstrip("/").partition("/")
        return place.split(".")[0] in (self.bucket, self.throwaway) and key.startswith(self.prefix)

    def clean(self, text: str) -> str:
        """Return a text without the names of bucket and prefix, which differ, and without secrets."""
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        for name, value in (("prefix", self.prefix), ("throwaway", self.throwaway), ("bucket", self.bucket)):
            if value:
                text = text.replace(value, f"{{{name}}}")
        return text
