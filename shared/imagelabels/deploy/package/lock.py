"""The locks: one file per order that names each distribution of its layer, with the hash of the one file to fetch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from imagelabels.deploy.package.target import Order
from imagelabels.domain.errors import Misconfigured

_LINE = re.compile(r"([a-z0-9][a-z0-9-]*)==([A-Za-z0-9.+!_]+) --hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, order=True)
class Locked:
    """A distribution that is locked; `name` is in the normal form of PEP 503."""

    name: str
    version: str
    sha256: str
    """Hash of the wheel for the order's platform or, where the distribution comes as sources only, of the sources."""

    def __str__(self) -> str:
        """A line that pip reads: https://pip.pypa.io/en/stable/topics/secure-installs/."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def file_name(order: Order) -> str:
    return f"{order.name}.lock"


def load(order: Order) -> list[Locked]:
    """What the order's lock names; Misconfigured where there is no lock, or a line of it is not one."""
    file = files("imagelabels.deploy") / "locks" / file_name(order)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Misconfigured(
            f"the lock {file} is missing, which says what the package holds: install imagelabels again, or run"
            " `make lock` in a checkout"
        ) from None
    return parse(text, str(file))


def parse(text: str, place: str) -> list[Locked]:
    """The distributions in a lock's text; `place` names it in the message of an error."""
    locked = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (match := _LINE.fullmatch(line)):
            raise Misconfigured(f"{place}, line {number}: this is not NAME==VERSION --hash=sha256:HASH")
        locked.append(Locked(*match.groups()))
    return locked


def written(locked: Sequence[Locked]) -> str:
    """The text of a lock."""
    return "".join(f"{distribution}\n" for distribution in sorted(locked))
