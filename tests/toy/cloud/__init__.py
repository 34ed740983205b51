"""A cloud in memory. This is the provider's only door; opening it loads its modules, importing it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagelabels.clouds import Detector, DetectorOptions, Extra, FunctionPlatform, Provider, Recorded, Store

if TYPE_CHECKING:
    from imagelabels.domain.model import DetectorTraits, ObjectHead, ObjectRef
    from imagelabels.ports import LabelDetector, ObjectStore
    from imagelabels.ports.inventory import InventoryDialect
    from imagelabels.ports.invoker import Invoker
    from tests.toy.cloud.settings import ToySettings


@dataclass(frozen=True, slots=True)
class ToySession:
    """Settings, and the key that each event renews."""

    settings: ToySettings
    keys: dict[str, str] = field(default_factory=dict)

    def refresh(self, brought: str | None, environ: Mapping[str, str]) -> None:
        self.keys["key"] = brought or environ["TOY_KEY"]

    def objects(self, recorded: Recorded) -> ObjectStore:
        from tests.toy.cloud.room import room

        return room(self.settings.room)

    def shrinker(self) -> None:
        """The store makes no small copies."""


def _open_detector(session: ToySession, asked: DetectorOptions) -> LabelDetector:
    from tests.toy.cloud.room import ToyDetector, room

    return ToyDetector(room(session.settings.room))


def _describe(session: ToySession, asked: DetectorOptions) -> DetectorTraits:
    from tests.toy.cloud.room import TRAITS

    return TRAITS


def _open_invoker(session: ToySession) -> Invoker:
    from tests.toy.cloud.functions import invoker

    return invoker(session.settings.room)


def _event(refs: Sequence[ObjectRef]) -> bytes:
    from tests.toy.cloud.functions import event

    return event(refs)


class ToyThumbnails:
    """Its address needs no signature."""

    def small(self, ref: ObjectRef, head: ObjectHead, side: int, seconds: int) -> str:
        return f"https://toy.example/{ref.bucket}/{ref.key}?side={side}"


def _inventory() -> InventoryDialect:
    from tests.toy.cloud.inventory import TOY_INVENTORY

    return TOY_INVENTORY


def _settings() -> type[ToySettings]:
    from tests.toy.cloud.settings import ToySettings

    return ToySettings


PROVIDER = Provider(
    "toy",
    extra=Extra("toy", frozenset({"toysdk"})),
    store=Store("toy", "toys", detector="toy", needs=("TOY_KEY", "IMAGELABELS_TOY_ROOM")),
    detectors=(Detector("toy", "says what the toy shows", 0.6, _open_detector, _describe, reads="toy"),),
    platforms=(FunctionPlatform("toy", "NAME", "a function of the toy cloud", _open_invoker, _event),),
    vocabularies=("toy",),
    settings=_settings,
    connect=ToySession,
    inventory=_inventory,
    thumbnails=lambda session: ToyThumbnails(),
    code_folder="TOY_CODE",
)
