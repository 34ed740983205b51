"""An index in Tablestore whose instance and settings are known. It connects when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagelabels.providers.aliyun import create_index, migrate_index, open_label_index, open_ledger

if TYPE_CHECKING:
    from imagelabels.domain.errors import LabelingError
    from imagelabels.ports import LabelIndex, Ledger
    from imagelabels.ports.albums import Albums
    from imagelabels.ports.changes import Changes
    from imagelabels.ports.examined import IndexState
    from imagelabels.ports.tokens import Tokens
    from imagelabels.ports.webhooks import Webhooks
    from imagelabels.providers.aliyun.credentials import AliyunCredentials
    from imagelabels.providers.aliyun.settings import AliyunSettings


@dataclass(frozen=True, slots=True)
class OpenedTablestore:
    """It knows an instance, with the settings and keys that it is reached with."""

    settings: AliyunSettings
    credentials: AliyunCredentials
    instance: str

    def ledger(self) -> Ledger:
        return open_ledger(self.settings, self.credentials, self.instance)

    def label_index(self) -> LabelIndex:
        return open_label_index(self.settings, self.credentials, self.instance)

    def albums(self) -> Albums:
        from imagelabels.providers.aliyun import open_instance
        from imagelabels.providers.aliyun.tablestore.albums import TablestoreAlbums

        return TablestoreAlbums(open_instance(self.settings, self.credentials, self.instance))

    def tokens(self) -> Tokens:
        from imagelabels.providers.aliyun import open_instance
        from imagelabels.providers.aliyun.tablestore.albums import TablestoreTokens

        return TablestoreTokens(open_instance(self.settings, self.credentials, self.instance))

    def changes(self) -> Changes:
        from imagelabels.providers.aliyun import open_instance
        from imagelabels.providers.aliyun.tablestore.changes import TablestoreChanges

        return TablestoreChanges(open_instance(self.settings, self.credentials, self.instance))

    def webhooks(self) -> Webhooks:
        from imagelabels.ports.webhooks import Webhooks
        from imagelabels.providers.aliyun import open_instance
        from imagelabels.providers.aliyun.tablestore.webhooks import (
            TablestoreHooks,
            TablestoreKnown,
            TablestoreOutbox,
        )

        instance = open_instance(self.settings, self.credentials, self.instance)
        return Webhooks(TablestoreHooks(instance), TablestoreOutbox(instance), TablestoreKnown(instance))

    def create(self) -> None:
        create_index(self.settings, self.credentials, self.instance)

    def migrate(self) -> int:
        return migrate_index(self.settings, self.credentials, self.instance)

    def state(self) -> IndexState:
        from imagelabels.providers.aliyun.account import index_state

        return index_state(self.settings, self.credentials, self.instance)

    def refusals(self, name: str) -> list[LabelingError]:
        from imagelabels.providers.aliyun.account import index_refusals

        return index_refusals(self.settings, self.credentials, self.instance, name)
