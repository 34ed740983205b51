"""The bucket that is labelled, and what each of its objects must become."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.storm.pictures import drawn
from demo.clouds import CosBucket, OssBucket

AT_ONCE = 8

ARCHIVE = {"oss": {"x-oss-storage-class": "Archive"}, "cos": {"StorageClass": "ARCHIVE"}}

Wanted = tuple[str, str]
"""What becomes of an object: `labelled` and the name of its content, or `skipped` and the reason."""


class Bucket:
    """A bucket of either cloud, whose objects are remembered by what must become of them."""

    def __init__(self, cloud: str, port: int) -> None:
        self.cloud = cloud
        self.wanted: dict[str, Wanted] = {}
        self._bucket: Any
        if cloud == "oss":
            self._bucket = OssBucket("killed-photos", port)
            self._bucket.sdk.create_bucket()
        else:
            self._bucket = CosBucket(f"killed-photos-{CosBucket.appid}", port)
            self._bucket.sdk.create_bucket(Bucket=self._bucket.name)
        self.uri: str = self._bucket.uri.rstrip("/")

    @property
    def contents(self) -> int:
        """Return how many different contents need a call."""
        return len({content for state, content in self.wanted.values() if state == "labelled"})

    def fill(self, objects: int) -> Iterator[int]:
        """Put the objects, a tenth of them duplicates, and yield now and then how many are there."""
        with ThreadPoolExecutor(AT_ONCE) as executor:
            for done, _ in enumerate(executor.map(self._put_numbered, range(objects)), 1):
                if done % 1000 == 0:
                    yield done

    def put(self, key: str, content: str) -> None:
        """Put a picture that shows the content."""
        self._put(key, drawn(content), ("labelled", content))

    def tags(self, key: str) -> dict[str, str]:
        return {name: value for name, value in self._bucket.tags(key).items() if name.startswith("label:")}

    def close(self) -> None:
        self._bucket.close()

    def _put_numbered(self, number: int) -> None:
        key, content = f"p/{number:06}.jpg", f"{number}"
        if number % 10 == 9:
            self.put(key, f"{number - 5}")
        elif number % 10 == 7:
            self._put(key, f"no picture {number}".encode(), ("skipped", "not_image"))
        elif number % 20 == 5:
            self._put(key, drawn(content), ("skipped", "archived"), archived=True)
        elif number % 20 == 15:
            self._put(key, b"8BPS\0\1" + content.encode(), ("skipped", "unsupported_format"))
        else:
            self.put(key, content)

    def _put(self, key: str, data: bytes, wanted: Wanted, archived: bool = False) -> None:
        self.wanted[key] = wanted
        if not archived:
            self._bucket.put(key, data)
        elif self.cloud == "oss":
            self._bucket.sdk.put_object(key, data, headers=ARCHIVE["oss"])
        else:
            self._bucket.sdk.put_object(self._bucket.name, data, key, **ARCHIVE["cos"])
