"""Fits the heads of the embedded detector anew: `python -m models.heads FOLDER [--write]`.

FOLDER holds the pictures of the sources in sources.json, in any folders and under any names: they are known by their
hashes. README.md beside this file says how to get them. Without --write it only prints what each head is worth.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx.colours import LENGTH as COLOURS
from imagelabels.providers.onnx.heads import FILE, Heads
from imagelabels.providers.onnx.networks import CHANNELS
from imagelabels.views.pipes import piped
from models.heads import fitting, graphic, pictures, samples
from models.heads.fitting import Floats, Measured

Seen = tuple[pictures.Judged, NDArray[np.float32]]

FITTED = (
    "outdoor",
    "indoor",
    "landscape",
    "plant-and-fungus",
    "food",
    "chart",
    "map",
    "city-and-street",
    "coast-and-water",
    "mountain-and-valley",
    "sky",
    "sunset",
    "grass",
    "crowd",
)
"""These reach the precision that is promised, on at least LEAST pictures that show them."""

TRIED = (
    "screenshot",
    "drawing",
    "kitchen",
    "bedroom",
    "bathroom",
    "office",
    "document",
    "receipt",
    "night",
    "child",
    "beach",
    "forest",
    "snow",
    "waterfall",
)
"""These do not reach it, or too few pictures show them to tell, or they would seldom be given. `night` was wrong too
often on everyday photos. A search for screenshots finds all graphics, and would find fewer with `screenshot`.
docs/labels.md has the figures."""

LEAST = 40


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="models.heads", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with the pictures of the sources")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name} and the samples of the tests anew")
    given = parser.parse_args(arguments)
    wanted = pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
    files = pictures.files(given.folder, wanted)
    seen = list(pictures.looked_at((picture, path.read_bytes()) for path, picture in files))
    print(f"{len(seen)} of {len(wanted)} pictures were found below {given.folder}")
    if not seen:
        print("models.heads: there is nothing to fit on: models/heads/README.md says where the pictures are from")
        return 2
    sources = {picture.source for picture, _ in seen}
    if strangers := sources - {entry["name"] for entry in pictures.sources()}:
        print(
            f"models.heads: sources.json does not list {', '.join(sorted(strangers))}, which labels.txt names: add it"
        )
        return 2
    if missing := {picture.source for picture in wanted.values()} - sources:
        print(
            f"models.heads: no picture of {', '.join(sorted(missing))} was found, and heads are measured by leaving out"
            " one source at a time: models/heads/README.md says where the pictures are from"
        )
        return 2
    if few := rarely_shown([picture for picture, _ in seen], FITTED):
        print(f"models.heads: fewer than two sources to fit on show {', '.join(few)}: get more, as README.md says")
        return 2
    features = np.array([row for _, row in seen], np.float64)
    told = fit_graphic(given.folder, wanted, seen)
    for source, (right, of) in told.told.items():
        print(f"graphic: {right} of {of} of {source}")
    print(f"graphic: {told.false} of {told.photos} photos")
    measured = measure([picture for picture, _ in seen], features, told)
    for label_id, head in measured.items():
        at = "never precise enough" if head.measured_at is None else f"measured at {head.measured_at:.3f}"
        print(f"{label_id}: {at}, precision {head.precision:.3f}, recall {head.recall:.3f} of {head.positives}")
    if given.write:
        write(measured, told)
        heads = Heads(taxonomy.load())
        samples.write(samples.chosen(seen, heads), heads)
    return 0


def rarely_shown(seen: Sequence[pictures.Judged], label_ids: Sequence[str]) -> list[str]:
    """Return the labels that fewer than two sources with the use `fit` show: nothing is left when one is left out."""
    used = {entry["name"]: entry["use"] for entry in pictures.sources()}
    shows = {
        (picture.source, label_id) for picture in seen for label_id in picture.shown if used[picture.source] == "fit"
    }
    return [label_id for label_id in label_ids if sum(shown == label_id for _, shown in shows) < 2]


def fit_graphic(folder: Path, wanted: dict[str, pictures.Judged], seen: Sequence[Seen]) -> graphic.Fitted:
    drawn = list(pictures.looked_at(graphic.drawn_pictures(graphic.photos(folder, wanted))))
    free = {entry["name"] for entry in pictures.sources() if graphic.allowed(entry)}
    everything = [*seen, *drawn]
    return graphic.fit(
        np.array([row for _, row in everything], np.float64)[:, :-COLOURS],
        np.array([graphic.label(picture) for picture, _ in everything]),
        [picture.source for picture, _ in everything],
        np.array([picture.source in free or picture.source.startswith(graphic.DRAWN) for picture, _ in everything]),
    )


def measure(seen: Sequence[pictures.Judged], features: Floats, told: graphic.Fitted) -> dict[str, Measured]:
    """Fit and measure every head, on what each is shown for: kinds of graphic on graphics, all others on photos."""
    names = sorted({picture.source for picture in seen})
    source = np.array([names.index(picture.source) for picture in seen], np.intp)
    used = {entry["name"]: entry["use"] for entry in pictures.sources()}
    test_only = np.array([used[picture.source] != "fit" for picture in seen])
    # No head of photos is asked about these pictures.
    is_graphic = features[:, :-COLOURS] @ told.weights + told.bias >= graphic.CUT
    # The surface says how a picture was made, and not what it shows.
    features = np.column_stack([features[:, :CHANNELS], features[:, -COLOURS:]])
    turned = fitting.space(features[~test_only], source[~test_only], COLOURS)
    kinds = {*taxonomy.load().children("graphic"), "screenshot", "drawing"}
    drawn = is_graphic | np.array([bool(picture.shown & kinds) for picture in seen])
    measured = {}
    too_rare = rarely_shown(seen, TRIED)
    for label_id in (label_id for label_id in (*FITTED, *TRIED) if label_id not in too_rare):
        labels = np.array([picture.label(label_id) for picture in seen])
        counted = is_graphic if label_id in kinds else ~is_graphic
        if label_id in kinds:
            labels[~drawn] = np.nan
        measured[label_id] = fitting.head(features, turned, labels, source, test_only, counted)
    return measured


def write(measured: dict[str, Measured], told: graphic.Fitted) -> None:
    """Write heads.json: what was there, with the fitted heads in place of their former selves."""
    heads = json.loads(FILE.read_bytes())
    at = round(float(fitting.sigmoid(np.array(graphic.CUT))), 4)
    heads[graphic.ID] = {"measured_at": at, "bias": round(told.bias, 4), **in_parts(told.weights, "surface")}
    for label_id in FITTED:
        head = measured[label_id]
        if head.measured_at is None or head.positives < LEAST:
            raise SystemExit(f"models.heads: {label_id} is not precise enough to be shipped: take it out of FITTED")
        at, bias = round(head.measured_at, 3), round(head.bias, 4)
        heads[label_id] = {"measured_at": at, "bias": bias, **in_parts(head.weights, "colours")}
    lines = (f"{json.dumps(label_id)}: {json.dumps(head, separators=(',', ':'))}" for label_id, head in heads.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")


def in_parts(weights: Floats, beside: str) -> dict[str, float | list[int]]:
    """Return a head's weights as heads.json has them: those of the features, and the rest under the name `beside`."""
    scale, rounded = fitting.whole(weights)
    return {"scale": scale, "weights": rounded[:CHANNELS], beside: rounded[CHANNELS:]}


if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
