"""Upload photos to emulated OSS and COS, and see them labelled and searched: `python -m demo [PHOTOS]`."""

from __future__ import annotations

import argparse
import contextlib
import io
import signal
import subprocess
import sys
from pathlib import Path

from demo import folder
from demo.files import DemoFiles, Unusable, choose
from imagelabels.views.pipes import piped

HERE = Path(__file__).resolve().parent.parent
PHOTOS = HERE / "photos"

INTERRUPTED = 130
"""128 + SIGINT is the exit status that a shell reports for a program that Ctrl-C ended."""


def main() -> int:
    args = _arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # A terminal without Chinese characters gets \uXXXX.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # These signals end the emulator too, as Ctrl-C does.
    try:
        data = args.data.resolve()
        files = _choose(args.photos, data)
        # The vendors' clients take a while to import. So mistakes of the user are reported before, and Ctrl-C works
        # already.
        from demo import job, showing
        from demo.emulated import DEPLOYMENT

        if files.left_out:
            showing.left_out(files)
        if not files.photos:
            if not files.left_out:
                raise Unusable(f"there is no file in {args.photos}: name a folder of photos")
            raise Unusable(f"nothing in {args.photos} can be uploaded")
        folder.check_port(args.port)
        folder.empty(data, DEPLOYMENT)
        return job.run(files, args.port, data, args.keep)
    except KeyboardInterrupt:
        print("demo: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        raise  # Nobody reads the output any more, which is no mistake of the user.
    except (Unusable, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"demo: a command failed, for the reason above: imagelabels {' '.join(error.cmd[3:])}", file=sys.stderr)
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("photos", nargs="?", default="", help="a folder of photos, or one photo (default: photos)")
    parser.add_argument("--port", type=_port, default=9000, help="the port on which the clouds listen (default: 9000)")
    parser.add_argument(
        "--data",
        type=Path,
        default=HERE / ".demo",
        help="the folder for the demo's data, which is emptied first (default: .demo)",
    )
    parser.add_argument("--keep", action="store_true", help="leave the clouds running until Ctrl-C")
    args = parser.parse_args()
    args.photos = Path(args.photos or PHOTOS)
    with contextlib.suppress(RuntimeError):  # If there is no such user, ~name stays as it is and is not found.
        args.photos = args.photos.expanduser()
    return args


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return int(text)


def _choose(photos: Path, data: Path) -> DemoFiles:
    if photos.resolve().is_relative_to(data):
        raise Unusable(f"{photos} is in {data}, which the demo empties: choose another folder")
    files = choose(photos, data)
    if photos.resolve() == PHOTOS:
        return DemoFiles(files.photos, ())  # Our own photos have licences and answers beside them, which are no photos.
    return files


if __name__ == "__main__":
    sys.exit(piped(main))
