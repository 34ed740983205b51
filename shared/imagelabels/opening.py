"""Opens the index and reads the policy that the settings name, for functions and commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from imagelabels import clouds
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain.policy import Policy, Rules


def rules(settings: all_settings.Settings, default_threshold: float, path: Path | None = None) -> Policy | Rules:
    """Read what is wanted of answers from the file at `path`, or that of IMAGELABELS_POLICY, or the settings alone."""
    base = settings.policy(default_threshold)
    path = path or settings.policy_file
    if path is None:
        return base
    from imagelabels import policyfile  # slow to import, and only needed for a file

    return policyfile.load(path, base, settings.detect_floor, taxonomy.load(clouds.vocabularies()))


def index(url: str | None, environ: Mapping[str, str], session: clouds.Session | None = None) -> clouds.OpenedIndex:
    """Open the index behind a URL. A function's session brings the keys; else they are read from `environ`."""
    kind = clouds.index_at(url)
    return kind.open(url or "", all_settings.of(kind, environ), environ, session)
