"""The embedded provider's door: detector, ledger and search on the machine at hand, each opened when asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagelabels import clouds
from imagelabels.clouds import Asked, Detector, Extra, Index, Provider, Session
from imagelabels.domain.errors import Misconfigured

if TYPE_CHECKING:
    from imagelabels.ports import BulkLedger, LabelDetector, LabelIndex, Shrinker


def open_detector(
    model: Path | None,
    floor: float,
    recall: str = "standard",
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


def _open_detector(session: Session | None, asked: Asked) -> LabelDetector:
    shrinker = None if session is None else session.shrinker()
    return open_detector(asked.model, asked.floor, asked.recall, shrinker, asked.faces)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _own_files(url: str) -> tuple[str, ...]:
    """https://www.sqlite.org/wal.html: the file itself, and two that SQLite keeps beside it."""
    return tuple(f"{_path(url)}{end}" for end in ("", "-wal", "-shm"))


@dataclass(frozen=True, slots=True)
class OpenedSqlite:
    """A SQLite file."""

    path: Path
    environ: Mapping[str, str]

    def ledger(self) -> BulkLedger:
        """Misconfigured in a function's folder that does not last."""
        code = clouds.code_folders(self.environ)
        for folder in (*([tempfile.gettempdir()] if code else []), *code):
            if self.path.resolve().is_relative_to(Path(folder).resolve()):
                raise Misconfigured(
                    f"IMAGELABELS_INDEX: {self.path} is in the function's folder {folder}, which does not last: "
                    "name a file on a mounted file system"
                )
        return open_ledger(self.path)

    def label_index(self) -> LabelIndex:
        return open_label_index(self.path)

    def create(self) -> None:
        create_index(self.path)

    def migrate(self) -> int:
        return migrate_index(self.path)


PROVIDER = Provider(
    "embedded",
    extra=Extra("embedded"),
    detectors=(Detector("embedded", "a model in the function, reads any store", 0.7, _open_detector),),
)

INDEX = Index(
    "sqlite",
    forms=("sqlite:///relative/path", "sqlite:////absolute/path"),
    pattern="sqlite:///.+",
    example="sqlite:///photos.db",
    says="`sqlite:///relative/path` or `sqlite:////absolute/path`",
    open=lambda url, settings, environ, session: OpenedSqlite(_path(url), environ),
    title="a SQLite file",
    own_files=_own_files,
)
