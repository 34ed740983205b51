"""Random steps that are sent to both stores, whose answers must be the same but for the known differences."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.emulator.judge.differences import DIFFERENCES
from tests.emulator.judge.judged import Answer, Conditions, Judged, told
from tests.emulator.judge.s3 import S3

KEYS = st.sampled_from(["a", "a", "a", "a/b", "a b+%", "图/1"])
"""One key comes more often than the others, so that more steps meet."""
BODIES = st.sampled_from([b"", b"x", b"0123456789", b"\x00\xff" * 500])
KINDS = st.sampled_from(["image/jpeg", "text/plain"])
VERSIONS = st.sampled_from([0, 0, 0, 1, 2, 3])
"""Which of the versions of the key that are known, from the newest; 0 for none."""
SPANS = st.sampled_from(["", "", "bytes=0-0", "bytes=2-5", "bytes=-3", "bytes=5-", "bytes=9-2000", "bytes=3000-4000"])
TAGS = st.dictionaries(
    st.sampled_from(["who", "label:cat", "k"]), st.sampled_from(["", "1", "a b"]), min_size=1, max_size=3
)
"""moto crashes if there are none."""

Opened = Callable[[ExitStack], tuple[Judged, S3, int]]
"""Opens an empty bucket of the emulator and of the judge. The number is the size of the smallest part."""


def machine(cloud: str, opened: Opened) -> type[RuleBasedStateMachine]:  # noqa: C901 (one class, many steps)
    """Return the state machine for the store of one cloud."""

    class Steps(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self._stack = ExitStack()
            self._uploads: list[tuple[str, dict[int, str]]] = []
            self._known: dict[str, list[int]] = {}
            self._ended: set[int] = set()
            self._removed: set[tuple[str, int]] = set()
            self._tagged: set[str] = set()
            self._versioned = False

        @initialize(kept=st.booleans())
        def begin(self, kept: bool) -> None:
            """Begin with an object that has two versions and tags, so that steps soon meet something."""
            self.ours, self.theirs, self._smallest = opened(self._stack)
            if kept:
                self.keep_versions()
            for body in (b"x", b"0123456789"):
                self.put("a", body, "image/jpeg", "me")
            self.put_tags("a", 0, {"who": "1"})

        def teardown(self) -> None:
            self._stack.close()

        def both(self, step: str, *arguments: Any) -> Answer:
            """Send a step to both stores and compare the answers. Return that of the emulator."""
            ours = told(self.ours, getattr(self.ours, step), *arguments)
            theirs = told(self.theirs, getattr(self.theirs, step), *arguments)
            for difference in DIFFERENCES:
                if cloud in difference.clouds and step in difference.steps:
                    ours, theirs = difference.even(dict(ours), dict(theirs))
            assert ours == theirs, f"{step}{arguments}: the emulator says {ours}, the judge {theirs}"
            return ours

        def known(self, key: str, back: int) -> int:
            """Return the number of a version of the key, as in Judged; 0 if it has not so many.

            No other number is sent: moto takes a version that is not there for the object in a bucket without versions.
            """
            numbers = self._known.get(key, [])
            return numbers[-back] if 0 < back <= len(numbers) else 0

        def remember(self, key: str, answer: Answer) -> None:
            """Note the version that a step has made, and look at what the key has now."""
            if isinstance(answer.get("version"), int):
                self._known.setdefault(key, []).append(answer["version"])
            self.look(key)

        def look(self, key: str) -> None:
            self.both("head", key, 0)
            if self.both("tags", key, 0).get("tags"):
                self._tagged.add(key)
            if self._versioned:
                self.both("versions", key)

        def is_deletable(self, key: str) -> bool:
            """Tell whether there is an object. Where there is none, moto makes no delete marker, and S3 does:
            https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
            """
            return "refused" not in told(self.ours, self.ours.head, key, 0)

        @rule(key=KEYS, body=BODIES, kind=KINDS, meta=st.sampled_from(["me", "you"]))
        def put(self, key: str, body: bytes, kind: str, meta: str) -> None:
            self.remember(key, self.both("put", key, body, kind, meta))

        @rule(key=KEYS, version=VERSIONS, span=SPANS)
        def get(self, key: str, version: int, span: str) -> None:
            self.both("get", key, self.known(key, version), span, Conditions())

        @rule(key=KEYS, holds=st.booleans(), match=st.booleans())
        def get_on_condition(self, key: str, holds: bool, match: bool) -> None:
            etag = told(self.ours, self.ours.head, key, 0).get("etag") if holds else "0" * 32
            if etag is not None:
                self.both("get", key, 0, "", Conditions(match=etag) if match else Conditions(none_match=etag))

        @rule(key=KEYS, version=VERSIONS)
        def head(self, key: str, version: int) -> None:
            self.both("head", key, self.known(key, version))

        @rule(source=KEYS, version=VERSIONS, key=KEYS, kind=st.sampled_from(["", "image/png"]))
        def copy(self, source: str, version: int, key: str, kind: str) -> None:
            # The copy of an object made of parts has another ETag in S3. No page of either vendor tells it, and the
            # emulator keeps that of the source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
            if "-" in told(self.ours, self.ours.head, source, self.known(source, version)).get("etag", ""):
                return
            # S3 refuses a copy onto itself that changes nothing, and neither vendor does:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
            if source == key and not kind and not self.known(source, version):
                kind = "image/png"
            # moto adds the tags of the source to those of the object that is overwritten, and S3 replaces them:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
            # It keeps those of a removed object too, so an object takes the key before the copy does.
            if source != key and not self._versioned and key in self._tagged:
                if self.is_deletable(key):
                    self.both("delete_tags", key, 0)
                else:
                    self.put(key, b"x", "image/jpeg", "me")
            self.remember(key, self.both("copy", source, self.known(source, version), key, kind))

        @rule(key=KEYS, version=VERSIONS)
        def delete(self, key: str, version: int) -> None:
            """Delete an object or a version of it, but no version twice: the second answer of moto does not name it,
            and those of both clouds do, as the vendors' own tests show.
            """
            version = self.known(key, version)
            if (key, version) in self._removed:
                return
            if version or self.is_deletable(key):
                self.remember(key, self.both("delete", key, version))
            if version:
                self._removed.add((key, version))

        @rule(keys=st.lists(KEYS, min_size=1, max_size=4, unique=True))
        def delete_many(self, keys: list[str]) -> None:
            if keys := [key for key in keys if self.is_deletable(key)]:
                for key, _, version in self.both("delete_many", keys).get("deleted", []):
                    self.remember(key, {"version": version})

        @rule(prefix=st.sampled_from(["", "a", "a/", "图/"]), delimiter=st.sampled_from(["", "/", "b", " b"]))
        def list(self, prefix: str, delimiter: str) -> None:
            # moto shows the common prefixes of objects that a delete marker hides.
            self.both("list", prefix, "" if self._versioned else delimiter, "", 1000)

        @rule(
            prefix=st.sampled_from(["", "a", "a/", "图/"]),
            behind=st.sampled_from(["", "a", "a/", "a/b", "b"]),
            most=st.sampled_from([1, 2, 3]),
        )
        def list_page(self, prefix: str, behind: str, most: int) -> None:
            """List without a delimiter: with one, moto counts no common prefixes and shows those before the marker."""
            self.both("list", prefix, "", behind, most)

        @rule(prefix=st.sampled_from(["", "a", "a/"]))
        def versions(self, prefix: str) -> None:
            self.both("versions", prefix)

        @rule()
        def keep_versions(self) -> None:
            """Begin to keep versions. They are never suspended: while they are, moto drops the older ones, and S3 does
            not: https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
            """
            self.both("keep_versions")
            self._versioned = True

        @rule(key=KEYS, version=VERSIONS, tags=TAGS)
        def put_tags(self, key: str, version: int, tags: dict[str, str]) -> None:
            self.both("put_tags", key, self.known(key, version), tags)
            self.look(key)

        @rule(key=KEYS, version=VERSIONS)
        def tags(self, key: str, version: int) -> None:
            self.both("tags", key, self.known(key, version))

        @rule(key=KEYS, version=VERSIONS)
        def delete_tags(self, key: str, version: int) -> None:
            self.both("delete_tags", key, self.known(key, version))
            self.look(key)

        def opened(self, choice: int) -> int | None:
            """Return one of the uploads that go on, if there are any. moto crashes on requests about the others."""
            going_on = [number for number in range(len(self._uploads)) if number not in self._ended]
            return going_on[choice % len(going_on)] if going_on else None

        @rule(key=KEYS, kind=KINDS)
        def begin_upload(self, key: str, kind: str) -> None:
            if len(self._uploads) < 8:
                self.both("begin", key, kind)
                self._uploads.append((key, {}))

        @rule(choice=st.integers(0, 3), number=st.integers(1, 3), small=st.booleans())
        def put_part(self, choice: int, number: int, small: bool) -> None:
            if (upload := self.opened(choice)) is not None:
                key, etags = self._uploads[upload]
                body = b"small" if small else bytes([number]) * self._smallest
                answer = self.both("put_part", key, upload + 1, number, body)
                if "etag" in answer:
                    etags[number] = answer["etag"]

        @rule(choice=st.integers(0, 3), all_of_them=st.booleans(), wrong=st.booleans())
        def complete(self, choice: int, all_of_them: bool, wrong: bool) -> None:
            if (upload := self.opened(choice)) is not None and self._uploads[upload][1]:
                key, etags = self._uploads[upload]
                named = sorted(etags.items()) if all_of_them else sorted(etags.items())[:1]
                if wrong:
                    named = [(number, "0" * 32) for number, _ in named]
                answer = self.both("complete", key, upload + 1, named)
                self.remember(key, answer)
                if "etag" in answer:
                    self._ended.add(upload)

        @rule(choice=st.integers(0, 3))
        def abort(self, choice: int) -> None:
            if (upload := self.opened(choice)) is not None:
                self.both("abort", self._uploads[upload][0], upload + 1)
                self._ended.add(upload)
                self.both("uploads", "")

        @rule(choice=st.integers(0, 3))
        def parts(self, choice: int) -> None:
            if (upload := self.opened(choice)) is not None:
                self.both("parts", self._uploads[upload][0], upload + 1)

        @rule(prefix=st.sampled_from(["", "a"]))
        def uploads(self, prefix: str) -> None:
            self.both("uploads", prefix)

    Steps.__name__ = Steps.__qualname__ = f"StepsOn{cloud.title()}"
    return Steps
