"""Reads a truth file: what is really in the photos of a folder.

CSV without a header, one photo a line: its path below the folder, then the id of each label that is right for it, as
wide or as particular as the photo tells (`chelsea.png,cat`). What stands above an id counts too and need not be named.
A photo with no id shows nothing that has a label: it is off-topic, and every label on it is wrong. Lines that begin
with # are remarks.
"""

from __future__ import annotations

import csv
import difflib
from pathlib import Path

from imagelabels.domain.taxonomy import Taxonomy

NAME = "truth.csv"
"""The file's name in the folder that it speaks of."""


class BadTruth(ValueError):
    """The message names file and line, and says what to do."""


def read(file: Path, folder: Path, taxonomy: Taxonomy) -> dict[Path, frozenset[str]]:
    """The ids by path, without what stands above them; BadTruth for what cannot be used."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BadTruth(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadTruth(f"{file} is not text in UTF-8: save it as such") from None
    found: dict[Path, frozenset[str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, *ids = (cell.strip() for cell in next(csv.reader([line])))
        path = folder / name
        if not name or not path.is_file():
            raise BadTruth(f"{file}, line {number}: there is no photo {path}: correct the path or take the line out")
        if path in found:
            raise BadTruth(f"{file}, line {number}: {name} has a line already: put all of its ids into one")
        for id in filter(None, ids):
            if id not in taxonomy.concepts:
                raise BadTruth(f"{file}, line {number}: {id!r} is no label's id{_hint(id, taxonomy)}")
        found[path] = frozenset(filter(None, ids))
    if not found:
        raise BadTruth(f"{file} names no photo: write a line for each, as chelsea.png,cat")
    return found


def _hint(word: str, taxonomy: Taxonomy) -> str:
    """The id whose name was written instead, or ids that look like it."""
    for concept in taxonomy.concepts.values():
        if word.casefold() in (name.casefold() for name in concept.names.values()):
            return f": the id is {concept.id}"
    close = difflib.get_close_matches(word, taxonomy.concepts)
    return f": did you mean {' or '.join(close)}?" if close else ": docs/labels.md says what there is"
