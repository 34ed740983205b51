"""The access keys that the emulator knows: one root key, temporary keys that it has issued, and one of a stranger."""

from __future__ import annotations

import hmac
import secrets
import threading
import time

from emulator.core.parts import Key

REMEMBERED = 3600.0
"""An expired key is still known for so many seconds, so that its owner is told "expired" and not "no such key"."""


class Keyring:
    """A thread-safe collection of keys. The root key never expires and has no token.

    The `stranger` is the key of another account, to which nothing here belongs. A service that lets no other account in
    never asks for it.
    """

    def __init__(self, root: Key, stranger: Key | None = None) -> None:
        if not root.id or not root.secret:
            raise ValueError(
                "the access key id and secret must not be empty:"
                " set EMULATOR_ACCESS_KEY_ID and EMULATOR_ACCESS_KEY_SECRET, or neither"
            )
        if stranger is not None and (stranger.id == root.id or not stranger.secret):
            raise ValueError(
                "the key of the other account must have another id than the first key, and a secret:"
                " set EMULATOR_OTHER_KEY_ID and EMULATOR_OTHER_KEY_SECRET, or neither"
            )
        self.root = root
        self.stranger = stranger
        self._issued: dict[str, Key] = {}
        self._lock = threading.Lock()

    def find(self, key_id: str) -> Key | None:
        """Return the key of that id, which may have expired a short while ago."""
        if key_id == self.root.id:
            return self.root
        with self._lock:
            return self._issued.get(key_id)

    def issue(self, seconds: float) -> Key:
        """Return a new temporary key that is valid for so many seconds, and forget keys that expired long ago."""
        now = time.time()
        key = Key(
            id=f"STS.{secrets.token_hex(12)}",
            secret=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(48),
            expires=now + seconds,
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
