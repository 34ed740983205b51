"""Starts the URLs of functions, which have no options of their own."""

from __future__ import annotations

import argparse

from emulator.core.startup import Surroundings
from emulator.functions import running
from emulator.functions.url_service import FunctionUrls

OPERATIONS = frozenset[str]()
"""No request to a URL goes wrong on demand, since each platform answers to errors in its own way."""


def add_options(parser: argparse.ArgumentParser) -> None:
    pass


def start(surroundings: Surroundings) -> FunctionUrls:
    return FunctionUrls(running.functions(surroundings), surroundings.keyring)
