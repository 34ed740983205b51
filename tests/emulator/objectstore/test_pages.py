"""Pages of listings: where one ends, and how it writes the names of keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from emulator.objectstore.pages import name_writer, page
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.stored import Stored


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    store = ObjectStore(tmp_path)
    store.create_bucket("photos")
    for number in range(4):
        file = store.new_file()
        file.write_bytes(b"x")
        store.put(Stored("photos", f"a/{number}", file, 1, "0" * 32, "0", 0, "Standard"))
    yield store
    store.close()


@pytest.mark.parametrize("delimiter", ["", "-"])
@pytest.mark.parametrize(
    ("behind", "limit", "keys", "last"),
    [
        ("", 3, ["a/0", "a/1", "a/2"], "a/2"),
        ("", 4, ["a/0", "a/1", "a/2", "a/3"], None),
        ("", 5, ["a/0", "a/1", "a/2", "a/3"], None),
        ("a/2", 1, ["a/3"], None),
        ("a/1", 1, ["a/2"], "a/2"),
        ("a/3", 1, [], None),
    ],
)
def test_a_page_ends_alike_with_a_delimiter_that_no_key_has_and_without_one(
    store: ObjectStore, delimiter: str, behind: str, limit: int, keys: list[str], last: str | None
) -> None:
    result = page(store, "photos", {"prefix": "a/", "delimiter": delimiter}, behind, limit)
    assert ([listed.key for listed in result.objects], result.prefixes, result.last) == (keys, [], last)


@pytest.mark.parametrize("safe", ["", "/"])
def test_the_name_of_a_key_is_url_encoded_as_every_client_decodes_it(safe: str) -> None:
    key = "".join(map(chr, range(1, 128))) + "照片 😀"
    write = name_writer({"encoding-type": "url"}, safe=safe)
    assert write("Key", key) == f"<Key>{quote(key, safe=safe)}</Key>"
    assert write("Prefix", "\udcff") == "<Prefix>%FF</Prefix>"
