"""A toy service, which stands for the folder of a new service."""

from __future__ import annotations

import argparse

from aiohttp import web

from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.service import Host
from emulator.core.startup import Surroundings

OPERATIONS = frozenset({"Toy Greet"})


class ToyService:
    """A service that greets every client with a key that the emulator knows."""

    host_names = "<word>.toy.example"

    def __init__(self, keyring: Keyring, greeting: str) -> None:
        self._keyring, self._greeting = keyring, greeting

    def owns(self, host_name: str) -> bool:
        return host_name.endswith(".toy.example")

    def recognises(self, request: web.Request, host: Host) -> bool:
        return "x-toy-key" in request.headers

    async def answer(self, request: web.Request, host: Host) -> web.Response:
        if self._keyring.find(request.headers.get("x-toy-key", "")) is None:
            return web.Response(status=403, text="unknown key")
        OPERATION.set("Toy Greet")
        return web.Response(text=f"{self._greeting} {host.label or host.name}")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument_group("Toy").add_argument("--toy-greeting", default="hello", help="what the toy says")


def start(surroundings: Surroundings) -> ToyService:
    return ToyService(surroundings.keyring, surroundings.args.toy_greeting)
