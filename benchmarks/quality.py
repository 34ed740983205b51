"""This program measures the embedded detector on photos with known content: `python -m benchmarks.quality FOLDER`.

benchmarks/truth.py describes FOLDER/truth.csv. A photo that the detector refuses counts as a photo without labels.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from benchmarks import quality_report, truth
from benchmarks.answers import Answered, ask, is_graphic
from benchmarks.labelling import FLOOR
from benchmarks.scoring import counts
from imagelabels import wiring_commands
from imagelabels.domain import measured, taxonomy
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.layout import say
from imagelabels.views.pipes import piped
from imagelabels.views.printing import escaped

COUNTS = Path(measured.__file__).with_suffix(".json")
ENOUGH = 8
"""A label's counts are written if it was given to so many pictures, or if so many show it."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.quality", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with the photos and truth.csv")
    parser.add_argument("--write", action="store_true", help=f"write the counts to {COUNTS.name}")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    known = taxonomy.load()
    try:
        true = truth.read(folder / truth.NAME, folder, known)
    except truth.BadTruth as error:
        say(escaped(f"benchmarks.quality: {error}"))
        return 2
    detector = wiring_commands.local_detector(None, FLOOR)
    answered = ask(detector, true, known)
    if options.write:
        write(answered, known, COUNTS)
    for line in quality_report.lines(answered, known, detector.setting):
        say(escaped(line.lstrip()), sys.stdout, "  " if line.startswith(" ") else "")
    return 0


def write(answered: Answered, known: Taxonomy, file: Path) -> None:
    """Write each label's counts at the default threshold to the file that `imagelabels labels` reads.

    Labels of photos are counted on photos, and `graphic` with its kinds on graphics too.
    """
    of_photos = counts(answered.judged_photos, quality_report.DEFAULT)
    of_all = counts(answered.judged.values(), quality_report.DEFAULT)
    chosen = of_photos | {label_id: of_all[label_id] for label_id in of_all if is_graphic(label_id, known)}
    enough = {
        label_id: astuple(chosen[label_id])
        for label_id in sorted(chosen)
        if max(chosen[label_id].given, chosen[label_id].there) >= ENOUGH
    }
    content = json.dumps({"silent": dict(measured.silent()), "labels": enough}, separators=(",", ":"))
    file.write_text(content + "\n", encoding="ascii")


if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
