"""Checks that a key is one that a request can carry in a header."""

from __future__ import annotations

from imagelabels.domain.errors import Misconfigured


def checked(name: str, value: str) -> str:
    """Return the key, secret or token that the variable `name` holds. Misconfigured names the variable, never its
    value.

    A pasted value often brings a space or a line break along. HTTP libraries refuse to send such a header, and quote
    the whole value when they say so.
    """
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise Misconfigured(
            f"{name} holds white space or another character that no key has: set it again, without what surrounds it"
        )
    return value
