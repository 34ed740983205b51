"""This module reads a truth file, which says what the photos of a folder show.

The file is CSV without a header, with one line per photo: the path below the folder, and then the id of each label that
is right, as narrow as the photo allows (`chelsea.png,cat`). The ids above it count too and need not be named. A photo
without an id is off-topic: it shows nothing that has a label, and every label on it is wrong. An id after an
exclamation mark is surely wrong (`us.jpg,person,!wedding`): without it, a label narrower than the truth would not be
judged. An id after a question mark is not judged (`us.jpg,person,?crowd`), because people would not agree on it. Both
marks hold for the ids below, too, up to the next mark: `?mammal,!dog` is no dog, and perhaps another mammal. Lines that
begin with # are comments.
"""

from __future__ import annotations

import csv
from pathlib import Path

from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.unknown_words import hint

WRONG = "!"
"""The mark before an id that is surely wrong."""

UNJUDGED = "?"
"""The mark before an id that is not judged."""

NAME = "truth.csv"
"""The name of the file, which is in the folder with the photos."""


class BadTruth(ValueError):
    """A truth file that cannot be used. The message names the file and the line, and says what to do."""


def read(file: Path, folder: Path, taxonomy: Taxonomy) -> dict[Path, frozenset[str]]:
    """Return the ids for each path, without those above them and with those that are marked as wrong or as not judged.

    It raises BadTruth for a file that cannot be used.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BadTruth(f"{file} cannot be read: {error.strerror}. docs/labels.md says what to write in it") from None
    except UnicodeDecodeError:
        raise BadTruth(f"{file} is not text in UTF-8: save it in this encoding") from None
    ids_by_path: dict[Path, frozenset[str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, *ids = (cell.strip() for cell in next(csv.reader([line])))
        path = folder / name
        if not name or not path.is_file():
            raise BadTruth(f"{file}, line {number}: there is no photo {path}: correct the path or take the line out")
        if path in ids_by_path:
            raise BadTruth(f"{file}, line {number}: {name} has a line already: put all of its ids into one")
        ids_by_path[path] = _checked(frozenset(filter(None, ids)), f"{file}, line {number}", taxonomy)
    if not ids_by_path:
        raise BadTruth(f"{file} names no photo: write a line for each photo, such as chelsea.png,cat")
    return ids_by_path


def _checked(ids: frozenset[str], where: str, taxonomy: Taxonomy) -> frozenset[str]:
    """Return the ids of a line. BadTruth if one is not known, or is two of right, wrong and not judged at once."""
    for label_id in sorted(ids):
        known = label_id[1:] if label_id.startswith((WRONG, UNJUDGED)) else label_id
        if known not in taxonomy.concepts:
            what_next = hint(known, taxonomy) or "`imagelabels labels` lists the ids of all labels"
            raise BadTruth(f"{where}: {known!r} is not a label's id: {what_next}")
    right = {label_id for label_id in ids if not label_id.startswith((WRONG, UNJUDGED))}
    for shown in sorted(right.union(*(taxonomy.ancestors(label_id) for label_id in right))):
        if WRONG + shown in ids:
            raise BadTruth(f"{where}: {shown} is both right and wrong: take one of the two out")
        if UNJUDGED + shown in ids:
            raise BadTruth(f"{where}: {shown} is both right and not judged: take one of the two out")
    for unjudged in sorted(label_id[1:] for label_id in ids if label_id.startswith(UNJUDGED)):
        if any(WRONG + wrong in ids for wrong in (unjudged, *taxonomy.ancestors(unjudged))):
            raise BadTruth(f"{where}: {unjudged} is both wrong and not judged: take one of the two out")
    return ids
