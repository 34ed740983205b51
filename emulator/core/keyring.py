"""The access keys that the emulator knows: a root key, temporary keys that it issued, and one of another account."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from dataclasses import replace

from emulator.core import request_log
from emulator.core.parts import Key, Worker

REMEMBERED = 3600.0
"""An expired key is still known for so many seconds, so that its owner is told "expired" and not "no such key"."""


class Keyring:
    """A thread-safe collection of keys. The root key never expires and has no token.

    The `other_account` is the key of another account, to which nothing here belongs. A service that lets no other
    account in never asks for it.
    """

    def __init__(self, root: Key, other_account: Key | None = None) -> None:
        if not root.id or not root.secret:
            raise ValueError(
                "the access key id and secret must not be empty:"
                " set EMULATOR_ACCESS_KEY_ID and EMULATOR_ACCESS_KEY_SECRET, or neither"
            )
        if other_account is not None and (other_account.id == root.id or not other_account.secret):
            raise ValueError(
                "the key of the other account must have another id than the first key, and a secret:"
                " set EMULATOR_OTHER_KEY_ID and EMULATOR_OTHER_KEY_SECRET, or neither"
            )
        self.root = root
        self.other_account = other_account
        self._issued: dict[str, Key] = {}
        self._lock = threading.Lock()

    def find(self, key_id: str) -> Key | None:
        """Return the key of that id, which may have expired a short while ago, and note that it signs the request."""
        with self._lock:
            key = self.root if key_id == self.root.id else self._issued.get(key_id)
        if key is not None:
            request_log.note_signer(key)
        return key

    def expire(self, key_id: str) -> None:
        """Let a temporary key end now, and tell so to the process that has it."""
        with self._lock:
            if (key := self._issued.get(key_id)) is not None:
                self._issued[key_id] = replace(key, expires=time.time())
                if key.worker is not None:
                    key.worker.key_ended = True

    def issue(self, seconds: float, worker: Worker | None = None) -> Key:
        """Return a new temporary key that is valid for so many seconds, and forget keys that expired long ago.

        `worker` is the process of a function that gets the key.
        """
        now = time.time()
        key = Key(
            id=f"STS.{secrets.token_hex(12)}",
            secret=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(48),
            expires=now + seconds,
            worker=worker,
        )
        with self._lock:
            self._issued = {k: v for k, v in self._issued.items() if v.expires is None or v.expires > now - REMEMBERED}
            self._issued[key.id] = key
        return key


def same_secret(ours: str, theirs: str) -> bool:
    """Tell whether a client sent the expected signature or token.

    The comparison takes the same time for every answer.
    """
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "surrogateescape"))
