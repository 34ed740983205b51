"""This is the door of the embedded index, which keeps ledger and search in one SQLite file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagelabels import clouds
from imagelabels.clouds import Index
from imagelabels.domain.errors import Misconfigured

if TYPE_CHECKING:
    from imagelabels.ports import BulkLedger, LabelIndex
    from imagelabels.ports.albums import Albums
    from imagelabels.ports.changes import Changes
    from imagelabels.ports.tokens import Tokens
    from imagelabels.ports.webhooks import Webhooks


def open_ledger(path: Path) -> BulkLedger:
    """Open the ledger in that SQLite file, which is made if it is not there; Misconfigured if it cannot be."""
    from imagelabels.providers.sqlite.database import Database
    from imagelabels.providers.sqlite.ledger import SqliteLedger

    return SqliteLedger(Database(path))


def open_label_index(path: Path) -> LabelIndex:
    """Open the search over that SQLite file, which a ledger has made; Misconfigured if it is not there."""
    from imagelabels.providers.sqlite.database import Database
    from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
    from imagelabels.providers.sqlite.remembered import Remembered

    return SqliteLabelIndex(Database(path, create=False), remembered=Remembered())


def open_albums(path: Path) -> Albums:
    """Open the albums in that SQLite file; Misconfigured if it is not there."""
    from imagelabels.providers.sqlite.albums import SqliteAlbums
    from imagelabels.providers.sqlite.database import Database

    return SqliteAlbums(Database(path, create=False))


def open_tokens(path: Path) -> Tokens:
    """Open the tokens in that SQLite file; Misconfigured if it is not there."""
    from imagelabels.providers.sqlite.albums import SqliteTokens
    from imagelabels.providers.sqlite.database import Database

    return SqliteTokens(Database(path, create=False))


def open_changes(path: Path) -> Changes:
    """Open the changes in that SQLite file; Misconfigured if it is not there."""
    from imagelabels.providers.sqlite.changes import SqliteChanges
    from imagelabels.providers.sqlite.database import Database

    return SqliteChanges(Database(path, create=False))


def open_webhooks(path: Path) -> Webhooks:
    """Open the webhooks in that SQLite file; Misconfigured if it is not there."""
    from imagelabels.ports.webhooks import Webhooks
    from imagelabels.providers.sqlite.database import Database
    from imagelabels.providers.sqlite.webhooks import SqliteHooks, SqliteKnown, SqliteOutbox

    database = Database(path, create=False)
    return Webhooks(SqliteHooks(database), SqliteOutbox(database), SqliteKnown(database))


def create_index(path: Path) -> None:
    """Make the SQLite file with its tables. A second call does nothing. Misconfigured if it cannot be."""
    from imagelabels.providers.sqlite.database import Database

    Database(path).close()


def migrate_index(path: Path) -> int:
    """Bring that SQLite file up to date, and return how many rows were written. It goes on where it was cut off."""
    from imagelabels.providers.sqlite.migration import migrate

    return migrate(path)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _own_files(url: str) -> tuple[str, ...]:
    """List the file itself, and two that SQLite keeps beside it: https://www.sqlite.org/wal.html"""
    return tuple(f"{_path(url)}{end}" for end in ("", "-wal", "-shm"))


@dataclass(frozen=True, slots=True)
class OpenedSqlite:
    """It knows the path of a SQLite file."""

    path: Path
    environ: Mapping[str, str]

    def ledger(self) -> BulkLedger:
        """Raise Misconfigured if the file is in a folder of a function that does not last."""
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

    def albums(self) -> Albums:
        return open_albums(self.path)

    def tokens(self) -> Tokens:
        return open_tokens(self.path)

    def changes(self) -> Changes:
        return open_changes(self.path)

    def webhooks(self) -> Webhooks:
        return open_webhooks(self.path)

    def create(self) -> None:
        create_index(self.path)

    def migrate(self) -> int:
        return migrate_index(self.path)


INDEX = Index(
    "sqlite",
    forms=("sqlite:///relative/path", "sqlite:////absolute/path"),
    pattern="sqlite:///.+",
    example="sqlite:///photos.db",
    says="`sqlite:///relative/path` or `sqlite:////absolute/path`",
    open=lambda url, settings, environ, session: OpenedSqlite(_path(url), environ),
    title="a SQLite file",
    own_files=_own_files,
    absolute=lambda url: f"sqlite:///{_path(url).absolute()}",
)
