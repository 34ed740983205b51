"""Runs in the target's interpreter: turns sources into bytecode, from one stream into another.

This is a plain script for any Python from 3.10 on, which imports the standard library only. What it reads and writes
are frames, each of them a length in four bytes and so many bytes: it reads a path and a source for each module, and
writes the module's bytecode, or nothing for a source that is not of this Python.
"""

from __future__ import annotations

import importlib.util
import marshal
import struct
import sys
import warnings
from typing import BinaryIO

LENGTH = struct.Struct(">I")
UNCHECKED_HASH = struct.pack("<I", 0b01)
"""The flags of bytecode that is valid whatever the time and the content of its source:
https://peps.python.org/pep-0552/."""


def frame(stream: BinaryIO) -> bytes | None:
    """The next one, or None at the end."""
    head = stream.read(LENGTH.size)
    return stream.read(LENGTH.unpack(head)[0]) if head else None


def bytecode(path: str, source: bytes) -> bytes:
    """The content of a .pyc file, whose tracebacks name `path`."""
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return b""
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source) + marshal.dumps(code)


def main() -> None:
    warnings.simplefilter("ignore")  # The vendors' sources are full of escapes that Python warns of.
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    while (path := frame(stdin)) is not None:
        content = bytecode(path.decode(), frame(stdin) or b"")
        stdout.write(LENGTH.pack(len(content)) + content)


if __name__ == "__main__":
    main()
