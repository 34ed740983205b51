"""This program makes the pictures for the detector's benchmark: `python -m benchmarks.photos FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps

PHOTOS = Path(__file__).resolve().parent.parent / "photos"
SIZES = {"web": (500, 375), "camera": (4000, 3000)}
"""The width and the height of the pictures in each folder. The large ones are enlarged, so they compress better than
photos of a camera."""


def make(folder: Path) -> None:
    """Write each photo of the repository in each size, as a JPEG of quality 90."""
    sources = sorted(path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".png"))
    for name, size in SIZES.items():
        (folder / name).mkdir(parents=True)
        for source in sources:
            with Image.open(source) as photo:
                sized = ImageOps.fit(photo.convert("RGB"), size, Image.Resampling.BICUBIC)
            sized.save(folder / name / f"{source.stem}.jpg", quality=90)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
