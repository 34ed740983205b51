"""What `imagelabels package` says of the archives that it made."""

from __future__ import annotations

from imagelabels.deploy.package.build import Built, sizes


def lines(built: Built) -> list[str]:
    """Where the archives are, and their sizes beside the platform's limits."""
    paths = [f"{part.path}  sha256 {part.sha256}" for part in (built.code, built.layer)]
    return [
        *paths,
        *(f"{what} {size / 1e6:.1f} MB, of at most {limit / 1e6:.0f}" for what, size, limit in sizes(built)),
    ]
