"""Checks that a key is one that a request can carry in a header, and says what a store means by refusing one."""

from __future__ import annotations

from imagelabels.domain.calls import Meaning
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


def no_such_key(kind: str, id_variable: str) -> Meaning:
    """Return what it means that a store does not know the id of a key. `kind` is the vendor's word for a key."""
    return Meaning(Misconfigured, "forbidden", f"there is no such {kind}: check {id_variable}")


def wrong_secret(kind: str, id_variable: str, secret_variable: str) -> Meaning:
    """Return what it means that a store finds the signature of a request wrong."""
    fault = f"the secret is not that of the {kind}: check {id_variable} and {secret_variable}"
    return Meaning(Misconfigured, "forbidden", fault)
