"""Starts the URLs of functions, which have no options of their own."""

from __future__ import annotations

import argparse

from emulator.core.startup import Surroundings
from emulator.functions import running
from emulator.functions.url_service import FunctionUrls


def add_options(parser: argparse.ArgumentParser) -> None:
    pass


def start(surroundings: Surroundings) -> FunctionUrls:
    return FunctionUrls(running.functions(surroundings), surroundings.keyring)
