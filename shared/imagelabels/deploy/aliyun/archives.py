"""This module finds or makes the archives of a deployment, and names the keys that they are uploaded under."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imagelabels.deploy.package.target import Order, order
from imagelabels.domain.errors import Misconfigured

INDEX = "tablestore"
"""The template makes an index of this kind."""

_KEY = re.compile(r"imagelabels/(aliyun-[^/]+)/[0-9a-f]{16}/(?:code|layer)\.zip")


@dataclass(frozen=True, slots=True)
class Archives:
    """These are the two archives on this machine."""

    order: Order
    code: Path
    layer: Path

    @property
    def by_key(self) -> dict[str, Path]:
        """Return the archives by their keys in the code bucket.

        A key has the content's hash, so that no version replaces another, and the stack sees each change.
        """
        return {_key(self.order, "code", self.code): self.code, _key(self.order, "layer", self.layer): self.layer}


def package_order(values: Mapping[str, str]) -> Order:
    """Return which package the stack's parameters need."""
    return order("aliyun", values["Runtime"], values["Detector"], INDEX)


def paths_in(wanted: Order, folder: Path) -> Archives:
    """Return where `imagelabels package` puts the archives."""
    code, layer = (folder / f"imagelabels-{wanted.name}-{part}.zip" for part in ("code", "layer"))
    return Archives(wanted, code, layer)


def made_in(wanted: Order, folder: Path) -> Archives:
    """Return the archives in a folder; Misconfigured if one is missing or too large."""
    archives = paths_in(wanted, folder)
    for path in (archives.code, archives.layer):
        try:
            size = path.stat().st_size
        except OSError as error:
            raise Misconfigured(
                f"{path} cannot be read ({error.strerror}): `imagelabels package aliyun --runtime {wanted.runtime}"
                f" --detector {wanted.detector} --out {folder}` makes it"
            ) from None
        if size > wanted.cloud.archive_limit:
            raise Misconfigured(
                f"{path} has {size / 1e6:.1f} MB, and Function Compute takes {wanted.cloud.archive_limit / 1e6:g} MB"
            )
    return archives


def check_former(keys: Mapping[str, str], wanted: Order) -> None:
    """Misconfigured if a key of an earlier upload names a package that the stack's parameters do not fit."""
    for name, key in keys.items():
        match = _KEY.fullmatch(key)
        if match and match[1] != wanted.name:
            raise Misconfigured(
                f"{name} holds {match[1]}, but the stack is for {wanted.name}: name the former Runtime and Detector too"
            )


def _key(wanted: Order, part: str, path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return f"imagelabels/{wanted.name}/{digest}/{part}.zip"
