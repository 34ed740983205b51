"""Makes the pictures that the detector is timed with: `python -m benchmarks.photos FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps

PHOTOS = Path(__file__).resolve().parent.parent / "photos"
SIZES = {"web": (500, 375), "camera": (4000, 3000)}
"""Folder: width and height. The large ones are enlarged, so they compress better than a camera's own."""


def make(folder: Path) -> None:
    """Each photo of the repository at each size, as JPEG of quality 90."""
    sources = sorted(path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".png"))
    for name, size in SIZES.items():
        (folder / name).mkdir(parents=True)
        for source in sources:
            with Image.open(source) as photo:
                sized = ImageOps.fit(photo.convert("RGB"), size, Image.Resampling.BICUBIC)
            sized.save(folder / name / f"{source.stem}.jpg", quality=90)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
