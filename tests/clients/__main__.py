"""Starts the emulator with the label functions, installs the vendors' clients, and runs the script of each client."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from demo.emulated import HERE, DemoEmulator
from tests.ports import free_port

SCRIPTS = Path(__file__).parent
NODE = {"ali_oss": "ali-oss@6.23.0", "cos_nodejs": "cos-nodejs-sdk-v5@3.0.0", "tablestore_npm": "tablestore@5.6.5"}
COSCMD = "coscmd==1.9.0.6"
MB = 1024 * 1024
KEY = "emulator"


class NotInstalled(Exception):
    """A client could not be installed. The message says why."""


def main() -> int:
    args = _parser().parse_args()
    into = args.into.resolve()
    if into == HERE or HERE in into.parents:
        print(f"clients: {into} is inside the repository; name a folder outside it", file=sys.stderr)
        return 2
    into.mkdir(parents=True, exist_ok=True)
    try:
        commands = {name: _command(name, into, args.ossutil) for name in [*NODE, "coscmd", "ossutil"]}
    except NotInstalled as error:
        print(f"clients: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="clients-") as work:
        return _run({name: command for name, command in commands.items() if command}, into, Path(work), args.ossutil)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.clients", description=__doc__)
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="install the clients here")
    parser.add_argument("--ossutil", default="ossutil", metavar="PATH", help="the program ossutil 1.7, if it is here")
    return parser


def _command(name: str, into: Path, ossutil: str) -> list[str]:
    """Return the command that runs a script, and install its client. Without a program, say so and return nothing."""
    if name in NODE:
        if not shutil.which("node") or not shutil.which("npm"):
            print(f"{name} is not run: node and npm are not on this machine")
            return []
        if not (into / "node_modules" / NODE[name].partition("@")[0]).exists():
            npm = ["npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
            _install([*npm, "--prefix", str(into), *NODE.values()], "npm", into)
        return ["node", str(SCRIPTS / f"{name}.js")]
    if name == "coscmd" and not (into / "coscmd").exists():
        _install([sys.executable, "-m", "venv", str(into / "coscmd")], "venv", into)
        pip = [str(into / "coscmd" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
        _install([*pip, "install", COSCMD], "pip", into)
    if name == "ossutil" and not shutil.which(ossutil):
        print("ossutil is not run: the program is not on this machine; name it with OSSUTIL=path")
        return []
    return [sys.executable, "-m", f"tests.clients.{name}"]


def _install(command: list[str], program: str, into: Path) -> None:
    """Run the command of a package manager, whose own output says what is wrong. NotInstalled if it fails."""
    status = subprocess.run(command, check=False).returncode
    if status:
        if program != "npm":
            shutil.rmtree(
                into / "coscmd", ignore_errors=True
            )  # Else the next run would take it for an installed client.
        raise NotInstalled(
            f"{program} ended with {status}, so the clients are not installed: see its output above, and check that"
            f" the package registry can be reached and that {into} can be written"
        )


def _run(commands: dict[str, list[str]], into: Path, work: Path, ossutil: str) -> int:
    picture = (HERE / "photos" / "chelsea.png").read_bytes()
    (work / "photo.png").write_bytes(picture)
    for size in (19, 30):
        # What follows the end of a picture is no part of it.
        (work / f"photo-{size}.png").write_bytes(picture + b"\0" * (size * MB - len(picture)))
    data = work / "data"
    data.mkdir()
    port = free_port()
    environment = os.environ | {
        "CLIENTS_PORT": str(port),
        "CLIENTS_KEY": KEY,
        "CLIENTS_FOLDER": str(work),
        "CLIENTS_COSCMD": str(into / "coscmd" / "bin" / "python"),
        "CLIENTS_OSSUTIL": ossutil,
        "NODE_PATH": str(into / "node_modules"),
        "PYTHONPATH": os.pathsep.join([str(HERE / "shared"), str(HERE)]),
    }
    failed = []
    with DemoEmulator(port, data) as emulator:
        if not emulator.ready():
            raise SystemExit("clients: the emulator did not start")
        for name, command in commands.items():
            print(f"-- {name}", flush=True)
            if subprocess.run(command, cwd=HERE, env=environment, check=False).returncode:
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "every step of every script that was run is green")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
