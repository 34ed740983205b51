"""Reads an HTML form with a file (multipart/form-data, RFC 7578) while it comes in.

Fields are held in memory, and few and short ones alone are taken. The bytes of the file pass through.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import ClientPayloadError

from emulator.core.refusal import Refusal
from emulator.objectstore.call import Call
from emulator.objectstore.uploads import content_md5

# Unproven most-form-fields: An HTML form may have 100 fields before its file.
# Why: no page gives a number.
# Ask: POST a signed form with 101 fields before the file: the status and the code.
MOST_FIELDS = 100
"""A form may have so many fields before its file."""
# Unproven longest-part-head: The headers of one part of a form may have 8192 bytes.
# Why: no page gives a number.
# Ask: POST a signed form with a part whose headers have 8193 bytes: the status and the code.
LONGEST_HEAD = 8192
"""The headers of one part may have so many bytes."""
LONGEST_NAME = 1024
BOUNDARY = re.compile(r"""boundary=(?:"([^"\r\n]{1,256})"|([^\s;"]{1,256}))""", re.IGNORECASE)
PARAMETER = re.compile(r"""(name|filename)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))""")
FILE = "file"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields before the file by their names in lower case, since upper and lower case are the same in them."""

    fields: dict[str, str]
    filename: str
    file_type: str
    """The content type that the browser gives the file, or nothing."""
    content: AsyncIterator[bytes]
    """The bytes of the file. When they have come, the rest of the form has been checked too."""


async def read(call: Call, longest: int) -> Form:
    """Read the form up to the first byte of its file. A field may have `longest` bytes."""
    boundary = BOUNDARY.search(call.header("content-type"))
    if boundary is None:
        raise malformed()
    body = _Body(call.chunks(), b"\r\n--" + (boundary[1] or boundary[2]).encode("utf-8", "surrogateescape"))
    fields: dict[str, str] = {}
    await body.until(body.mark, LONGEST_HEAD, malformed())
    while await body.another_part():
        name, filename, file_type = _head(await body.until(b"\r\n\r\n", LONGEST_HEAD, malformed()))
        if name == FILE:
            return Form(fields, filename, file_type, _content(body, content_md5(call)))
        if len(fields) == MOST_FIELDS:
            message = f"A form may have {MOST_FIELDS} fields before its file."
            raise Refusal("MaxPOSTPreDataLengthExceededError", message)
        too_long = Refusal("FieldItemTooLong", details={"FieldName": name, "MaxSizeAllowed": str(longest)})
        value = await body.until(body.mark, longest, too_long)
        if name in fields:
            raise Refusal("MalformedPOSTRequest", f"The form has the field {name} twice.")
        fields[name] = value.decode("utf-8", "surrogateescape")
    raise Refusal("IncorrectNumberOfFilesInPOSTRequest", "The form has no field named file.")


def malformed() -> Refusal:
    return Refusal("MalformedPOSTRequest")


class _Body:
    """The body of a form. Its parts stand between marks."""

    def __init__(self, chunks: AsyncIterator[bytes], mark: bytes) -> None:
        self.mark = mark
        self.md5 = hashlib.md5(usedforsecurity=False)
        self._chunks = chunks
        self._held = b"\r\n"  # the first mark is at the beginning of the body, where no line ends before it

    async def until(self, end: bytes, longest: int, too_long: Refusal) -> bytes:
        """Return what comes before `end`, which is passed over."""
        while (at := self._held.find(end)) < 0:
            if len(self._held) > longest + len(end):
                raise too_long
            if not await self._more():
                raise malformed()
        if at > longest:
            raise too_long
        before, self._held = self._held[:at], self._held[at + len(end) :]
        return before

    async def blocks(self) -> AsyncIterator[bytes]:
        """Return what comes before the next mark, block by block."""
        kept = len(self.mark) - 1
        while (at := self._held.find(self.mark)) < 0:
            if len(self._held) > kept:
                block, self._held = self._held[:-kept], self._held[-kept:]
                yield block
            if not await self._more():
                raise malformed()
        block, self._held = self._held[:at], self._held[at + len(self.mark) :]
        if block:
            yield block

    async def another_part(self) -> bool:
        """Tell, behind a mark, whether another part follows. The last mark ends with two hyphens."""
        while len(self._held) < 2:
            if not await self._more():
                raise malformed()
        if self._held.startswith(b"--"):
            return False
        if (await self.until(b"\r\n", LONGEST_HEAD, malformed())).strip(b" \t"):
            raise malformed()
        return True

    async def skip(self) -> None:
        """Read what comes behind the form."""
        while await self._more():
            self._held = b""

    async def _more(self) -> bool:
        try:
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            return False
        except (ClientPayloadError, ConnectionError) as error:
            raise Refusal("IncompleteBody") from error
        self.md5.update(chunk)
        self._held += chunk
        return True


async def _content(body: _Body, announced: bytes | None) -> AsyncIterator[bytes]:
    """Return the bytes of the file. The parts behind it count for nothing, but there may be no other file.

    https://help.aliyun.com/en/oss/developer-reference/postobject: Content-MD5 is that of the whole body.
    """
    async for block in body.blocks():
        yield block
    while await body.another_part():
        name, _, _ = _head(await body.until(b"\r\n\r\n", LONGEST_HEAD, malformed()))
        if name == FILE:
            raise Refusal("IncorrectNumberOfFilesInPOSTRequest")
        async for _ in body.blocks():
            pass
    await body.skip()
    if announced is not None and announced != body.md5.digest():
        message = f"The Content-MD5 of the body is {base64.b64encode(body.md5.digest()).decode()}."
        raise Refusal("InvalidDigest", message)


def _head(head: bytes) -> tuple[str, str, str]:
    """Return the name of a part, and of a file its own name and its content type."""
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "surrogateescape").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    kind, _, rest = headers.get("content-disposition", "").partition(";")
    # Browsers write a quotation mark as %22, older ones as \", and leave a backslash as it is: RFC 7578, 5.1.
    names = (
        (name, quoted.replace('\\"', '"').replace("%22", '"') or plain)
        for name, quoted, plain in PARAMETER.findall(rest)
    )
    named = dict(names)
    if kind.strip().lower() != "form-data" or not 1 <= len(named.get("name", "")) <= LONGEST_NAME:
        raise malformed()
    return named["name"].lower(), named.get("filename", ""), headers.get("content-type", "")
