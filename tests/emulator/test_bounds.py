"""The cost of one request for the others: documents are read in linear time, and long work lets others run."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from emulator.aliyun.oss.dialect import OSS
from emulator.objectstore import batch_delete, xml
from emulator.objectstore.context import StoreContext
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.stored import Stored

BEFORE, AFTER = b"<Delete><Object><Key>", b"</Key></Object></Delete>"


def calls_of(body: bytes) -> int:
    """Count the calls of Python functions while the document is read.

    This does not depend on the speed of the machine.
    """
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        xml.parse(body, "Delete")
    finally:
        sys.setprofile(None)
    return count


def test_control_characters_of_a_key_cost_no_call_each() -> None:
    assert calls_of(BEFORE + b"\x01" * 500_000 + AFTER) < 1000


@pytest.mark.parametrize(
    "body",
    [
        b"<Delete>" + b"<a>" * 600_000,
        b"<Delete>" + b"<a>" * 25_000 + b"</a>" * 25_000 + b"</Delete>",
        b"<Delete>" + b"<Object><Key>x</Key></Object>" * 60_000 + b"</Delete>",
    ],
    ids=["open", "nested", "objects"],
)
def test_a_document_of_too_many_elements_is_refused_before_it_is_read(body: bytes) -> None:
    with pytest.raises(ValueError, match="too many elements"):
        xml.parse(body, "Delete")


def test_the_largest_batch_of_objects_is_read() -> None:
    one = b"<Object><Key>" + b"k" * 1023 + b"</Key><VersionId>null</VersionId></Object>"
    tree = xml.parse(b"<Delete>" + one * 1000 + b"<Quiet>true</Quiet></Delete>", "Delete")
    assert len(tree.findall("Object")) == 1000


@pytest.mark.parametrize("encoding", ["rot13", "utf-7", "utf-16", "cp037", "idna", "unicode_escape", "no-such"])
@pytest.mark.parametrize("form", ['<?xml version="1.0" encoding="{}"?>', "<?xml version='1.0'  encoding = '{}' ?>"])
def test_a_document_in_another_encoding_than_utf_8_is_malformed(encoding: str, form: str) -> None:
    with pytest.raises(ValueError, match="only UTF-8"):
        xml.parse(form.format(encoding).encode() + BEFORE + AFTER, "Delete")


@pytest.mark.parametrize("form", ['<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0'?>", "\ufeff", ""])
def test_a_document_in_utf_8_is_read_however_it_says_so(form: str) -> None:
    assert xml.parse(form.encode() + BEFORE + "狗".encode() + AFTER, "Delete").findtext("Object/Key") == "狗"


def test_a_document_with_every_private_character_is_refused_and_not_read_wrongly() -> None:
    every = "".join(chr(char) for char in range(0xF0000, 0x10FFFE))
    with pytest.raises(ValueError, match="private characters"):
        xml.parse(BEFORE + ("\x01" + every).encode() + AFTER, "Delete")
    assert xml.parse(BEFORE + every.encode() + AFTER, "Delete").findtext("Object/Key") == every


def test_others_get_their_turn_while_a_thousand_objects_are_deleted(tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(1000)]
    tree = xml.parse(
        b"<Delete>" + b"".join(f"<Object><Key>{k}</Key></Object>".encode() for k in keys) + b"</Delete>", "Delete"
    )

    async def document(root: str) -> Element:
        return tree

    async def scene(store: ObjectStore) -> int:
        turns, done = 0, False

        async def other() -> None:
            nonlocal turns
            while not done:
                turns += 1
                await asyncio.sleep(0)

        waiting = asyncio.create_task(other())
        call: Any = SimpleNamespace(document=document, bucket="photos", query={})
        context = StoreContext(store, OSS, None, None, "cn-hangzhou", lambda: 0.0)
        deletions, quiet = await batch_delete.delete(context, call)
        assert ([deletion.key for deletion in deletions], quiet) == (keys, False)
        done = True
        await waiting
        return turns

    store = ObjectStore(tmp_path)
    store.create_bucket("photos")
    file = store.new_file()
    file.touch()
    store.put(Stored("photos", "k5", file, 0, "", "0", 0, "Standard"))
    assert asyncio.run(scene(store)) >= 1000 // batch_delete.AT_A_TIME
    assert store.object("photos", "k5") is None
    store.close()
