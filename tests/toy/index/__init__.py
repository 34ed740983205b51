"""An index in memory, which belongs to no cloud. This is its only door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagelabels.clouds import Index, Session

if TYPE_CHECKING:
    from imagelabels.ports import LabelIndex, Ledger
    from imagelabels.ports.albums import Albums
    from imagelabels.ports.changes import Changes
    from imagelabels.ports.tokens import Tokens
    from imagelabels.ports.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class OpenedShelf:
    """A shelf, by its name."""

    name: str

    def ledger(self) -> Ledger:
        from tests.toy.index.shelf import shelf

        return shelf(self.name)

    def label_index(self) -> LabelIndex:
        from tests.toy.index.shelf import ShelfIndex, shelf

        return ShelfIndex(shelf(self.name))

    def albums(self) -> Albums:
        from tests.toy.index.shelf import albums

        return albums(self.name)

    def tokens(self) -> Tokens:
        from tests.toy.index.shelf import tokens

        return tokens(self.name)

    def changes(self) -> Changes:
        from tests.fakes_albums import FakeChanges
        from tests.toy.index.shelf import shelf

        return FakeChanges(shelf(self.name).changes)

    def webhooks(self) -> Webhooks:
        from tests.toy.index.shelf import webhooks

        return webhooks(self.name)

    def create(self) -> None:
        """A shelf is there as soon as somebody names it."""

    def migrate(self) -> int:
        return 0


def _open(url: str, settings: None, environ: Mapping[str, str], session: Session | None) -> OpenedShelf:
    return OpenedShelf(url.removeprefix("shelf://"))


INDEX = Index(
    "shelf",
    forms=("shelf://name",),
    pattern="shelf://[a-z]+",
    example="shelf://name",
    says="`shelf://name`",
    open=_open,
    title="a shelf",
)
