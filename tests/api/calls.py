"""This command lets schemathesis call the API 10,000 times, with tokens and without: `make openapi`.

schemathesis makes requests from the API's own document, good ones and bad ones, and checks each answer against the
document. The command first checks that the document itself is valid. It ends with 1 if schemathesis finds anything, or
if any answer was a 5xx.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

from waitress.server import create_server

from imagelabels.api.app import LARGEST_BODY, Answer, Api, Event
from imagelabels.api.auth import Bearers
from imagelabels.api.here import Services
from imagelabels.api.limits import RateLimit
from imagelabels.api.opened import services
from imagelabels.api.wsgi import Wsgi
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.tokens import Scope, Token, hashed, new_secret
from imagelabels.ports.tokens import Tokens
from imagelabels.usecases import feeds
from imagelabels.usecases.again import Redriver
from imagelabels.usecases.correct import Said
from imagelabels.usecases.hook_keeping import Keeper
from tests.api.serving import filled
from tests.world import World

ROUND = 25
"""schemathesis makes about so many requests of each operation in a round, and a round has another seed."""

SHARES = {"write": 0.6, "limited": 0.25, "nobody": 0.15}
"""Each caller makes such a part of the calls: one may write, one may read below a prefix, and one has no token."""


class Counting(Api):
    """The API, which counts its answers by their status."""

    def __init__(self, services_of_it: Services, tokens: Tokens) -> None:
        super().__init__(services_of_it, Bearers(tokens, _now), RateLimit(10**9, time.monotonic))
        self.statuses: Counter[int] = Counter()

    def answer(self, event: Event) -> Answer:
        answer = super().answer(event)
        self.statuses[answer["statusCode"]] += 1
        return answer


SETTINGS = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 428, 429]
"""
"""No schema can say that a page token belongs to a question, that all words together are limited, or which version of
an album is the present one. Requests that break such a rule are refused although they fit the document."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.api.calls", description=__doc__)
    parser.add_argument("--tools", type=Path, required=True, help="the folder that schemathesis is installed in")
    parser.add_argument("--calls", type=int, default=10_000, help="call so often (10000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first round (1)")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        built, tokens = services(filled(Path(folder) / "labels.db", 40))
        secrets = {name: _secret(tokens, name) for name in SHARES if name != "nobody"}
        built.albums.put(Album("dogs", "Dogs", Question(label=("dog",))))
        api = Counting(replace(_with_stores(built), tokens=tokens), tokens)
        with _served(api) as address:
            document = Path(folder) / "openapi.json"
            described = _document(api, secrets["write"])
            document.write_text(json.dumps(described))
            (Path(folder) / "settings.toml").write_text(SETTINGS)
            if _run(args.tools, "openapi-spec-validator", str(document)):
                return 1
            document.write_text(json.dumps(_naming(described, _names(built, tokens))))
            return _called(api, address, document, secrets, args)


def _called(api: Counting, address: str, document: Path, secrets: Mapping[str, str], args: argparse.Namespace) -> int:
    seed, wrong = args.seed, 0
    run = ["--config-file", str(document.with_name("settings.toml")), "run", str(document), "--url", address]
    for name, share in SHARES.items():
        until = api.statuses.total() + args.calls * share
        while api.statuses.total() < until:
            bearer = ["--header", f"Authorization: Bearer {secrets[name]}"] if name in secrets else []
            wrong += _run(args.tools, "st", *run, *_options(seed), *bearer) != 0
            seed += 1
        print(f"{name}: {api.statuses.total():,} calls by now", flush=True)
    faults = sum(count for status, count in api.statuses.items() if status >= 500)
    statuses = ", ".join(f"{count:,} of {status}" for status, count in sorted(api.statuses.items()))
    print(f"{api.statuses.total():,} calls, {seed - args.seed} rounds, {wrong} of them with findings: {statuses}")
    return 1 if wrong or faults else 0


def _options(seed: int) -> list[str]:
    """Return the options of a round. Requests without the token that they need are one of the callers here."""
    return [
        f"--max-examples={ROUND}",
        f"--seed={seed}",
        "--checks=all",
        "--exclude-checks=ignored_auth",
        "--max-redirects=0",
        "--no-color",
        "--warnings=off",
        "--suppress-health-check=all",
        "--continue-on-failure",
    ]


def _run(tools: Path, program: str, *arguments: str) -> int:
    done = subprocess.run(
        [tools.absolute() / program, *arguments], capture_output=True, text=True, cwd=tempfile.gettempdir()
    )
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode


@contextmanager
def _served(api: Api) -> Iterator[str]:
    server: Any = create_server(Wsgi(api), host="127.0.0.1", port=0, max_request_body_size=LARGEST_BODY, ident=None)
    Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"


def _document(api: Api, secret: str) -> Any:
    """Return the document that describes the API, as the API answers it."""
    http = {"method": "GET", "path": "/openapi.json", "sourceIp": "127.0.0.1"}
    event = {
        "version": "2.0",
        "rawPath": "/openapi.json",
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {secret}"},
        "queryStringParameters": {},
        "requestContext": {"requestId": "r", "stage": "$default", "http": http},
        "body": None,
        "isBase64Encoded": False,
    }
    return json.loads(api.answer(event)["body"])


def _names(built: Services, tokens: Tokens) -> dict[str, list[str]]:
    """Return the ids of what is there, and one of what is not there, for each part of an address."""
    assert built.webhooks is not None
    feed, secret = feeds.share(tokens, "dogs", "Reader", ("",), _now())
    hook = Keeper(built.webhooks, built.changes, built.now, ("",), anywhere=False).make("dogs", "https://hook.example/")
    ids = [line.picture for line in built.changes.since(None)[0]]
    there = {"picture": ids, "album": ["dogs"], "feed": [feed.id], "secret": [secret], "hook": [hook.id]}
    return {name: [*one, "x"] for name, one in there.items()} | {"kind": ["rss", "atom", "json", "x"]}


def _naming(document: Any, names: Mapping[str, list[str]]) -> Any:
    """Return the document with these values for the parts of addresses, since schemathesis can guess no id."""
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = {"type": "string", "enum": names[parameter["name"]]}
    return document


def _secret(tokens: Tokens, name: str) -> str:
    secret = new_secret()
    scopes: frozenset[Scope] = frozenset({"read", "write"}) if name == "write" else frozenset({"read"})
    prefixes = ("",) if name == "write" else ("oss://photos/00", "oss://other/")
    tokens.put(Token(name, name, hashed(secret), scopes, prefixes, _now()))
    return secret


def _with_stores(built: Services) -> Services:
    """Return the services with stores that answer without a cloud."""
    rows = built.gallery.rows

    def small(record: ImageRecord, side: int) -> str | bytes:
        if record.ref.key < "010":
            return b"\xff\xd8 a small copy"
        if record.ref.key < "020":
            return f"https://photos.example/{record.ref.key}?side={side}"
        raise ValueError("no small copy of this picture can be had")

    def correct(ref: ObjectRef, said: Said) -> ImageRecord:
        row = rows.row(ref)
        if row is None or row.record is None or not said.add:
            raise ValueError("this picture cannot be corrected")
        return row.record

    assert built.budget is not None
    tools = World(built.budget).worker().tools  # type: ignore[arg-type]
    redriver = Redriver(built.gallery, built.budget, time, ["oss"], built.detectors, lambda scheme: tools)
    return replace(built, small=small, correct=correct, redriver=redriver)


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
