"""The embedded provider's door: detector, ledger and search on the machine at hand, each opened when asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from imagelabels.ports import BulkLedger, LabelDetector, LabelIndex, Shrinker


def open_detector(
    model: Path | None,
    floor: float,
    recall: Literal["standard", "more"] = "standard",
    shrinker: Shrinker | None = None,
    faces: bool = False,
) -> LabelDetector:
    """Labels of at least `floor` by the model file at `model` (None: where the build puts it), opened at first use.

    `recall` is `more`: by a second network too; `faces`: and those that a third one finds. Their files are beside the
    first one's. `shrinker` is that of the pictures' store, where it has one.
    """
    # Before numpy is loaded: its own threads spin beside those that label, and two pictures at a time become as slow as
    # one. https://github.com/OpenMathLib/OpenBLAS#setting-the-number-of-threads-using-environment-variables
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from imagelabels.providers.embedded import artifact
    from imagelabels.providers.embedded.detector import EmbeddedDetector
    from imagelabels.providers.embedded.recall import MORE, STANDARD

    asked = MORE if recall == "more" else STANDARD
    return EmbeddedDetector(model or artifact.default_path(), floor, asked, shrinker, faces)


def open_ledger(path: Path) -> BulkLedger:
    """The ledger in that SQLite file, made if it is not there; Misconfigured if it cannot be."""
    from imagelabels.providers.embedded.database import Database
    from imagelabels.providers.embedded.ledger import SqliteLedger

    return SqliteLedger(Database(path))


def open_label_index(path: Path) -> LabelIndex:
    """Search over that SQLite file, which a ledger has made; Misconfigured if it is not there."""
    from imagelabels.providers.embedded.database import Database
    from imagelabels.providers.embedded.label_index import SqliteLabelIndex

    return SqliteLabelIndex(Database(path, create=False))


def create_index(path: Path) -> None:
    """Make the SQLite file with its tables; a second time does nothing. Misconfigured if it cannot be."""
    from imagelabels.providers.embedded.database import Database

    Database(path).close()


def migrate_index(path: Path) -> int:
    """Bring that SQLite file up to date, and say how many rows were written; goes on where it was cut off."""
    from imagelabels.providers.embedded.migration import migrate

    return migrate(path)
