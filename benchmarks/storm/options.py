"""What a storm is made of, as its command line says it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

INDEXES = ("tablestore", "sqlite")
DETECTORS = ("imm", "oss", "ci", "embedded")
FAULTS = ("none", "some", "many")
PROFILES = ("mixed", "contended")


@dataclass(frozen=True, slots=True)
class Options:
    """A storm of so many operations. Equal options give the clients equal choices, but not an equal order of events."""

    operations: int = 1000
    seed: int = 1
    index: str = "tablestore"
    detector: str = "imm"
    faults: str = "some"
    profile: str = "mixed"
    """Clients of a contended storm hurry on each key, and gaps between the requests of a delivery are wide."""
    clients: int = 2
    """So many clients use each of the four buckets."""
    pause: float = 0.5
    """A client waits for so many seconds between two operations, on average."""
    instances: int = 4
    """Each function has so many processes at most."""
    ordinary: int = 10
    """So many new pictures come one after the other when all is over, to count what an event asks of the index."""
    without: str = ""
    """The functions run without this safeguard. It is the name of a planted fault."""
    alone: bool = False
    """The same storm without faults is not run beside this one."""
    keep: Path | None = None
    """Everything that a storm writes stays in this folder."""


def parsed(arguments: list[str]) -> Options:
    """Read the command line. argparse ends the program if it is wrong."""
    return Options(**vars(parser().parse_args(arguments)))


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks storm", description="Run a storm, and judge what it did (benchmarks/storm/README.md)."
    )
    plain = Options()
    parser.add_argument("--operations", type=_whole, default=plain.operations, help="of all clients together")
    parser.add_argument("--seed", type=int, default=plain.seed, help="another seed makes other choices")
    parser.add_argument("--index", choices=INDEXES, default=plain.index)
    parser.add_argument(
        "--detector",
        choices=DETECTORS,
        default=plain.detector,
        help="imm and oss: that one for OSS, ci for COS; ci: that one for COS, the embedded one for OSS; embedded: it"
        " for both (default: imm)",
    )
    parser.add_argument("--faults", choices=FAULTS, default=plain.faults)
    parser.add_argument("--profile", choices=PROFILES, default=plain.profile, help="contended: hurry on each key")
    parser.add_argument("--clients", type=_whole, default=plain.clients, help="for each of the four buckets")
    parser.add_argument("--pause", type=float, default=plain.pause, help="seconds between a client's operations")
    parser.add_argument("--instances", type=_whole, default=plain.instances, help="processes of each function at most")
    parser.add_argument(
        "--ordinary", type=_whole, default=plain.ordinary, help="pictures that come in quiet when the storm is over"
    )
    parser.add_argument(
        "--without", default=plain.without, metavar="NAME", help="take this safeguard out of the deployed functions"
    )
    parser.add_argument("--alone", action="store_true", help="do not run the same storm without faults before it")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave journals, stores and index in this folder")
    return parser


def _whole(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 1000000, not {text!r}")
    return int(text)
