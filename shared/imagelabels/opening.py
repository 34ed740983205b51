"""Opens the index and reads the policy that the settings name, for functions and commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from imagelabels import clouds
from imagelabels import settings as all_settings
from imagelabels.domain import taxonomy
from imagelabels.domain.policy import Policy, Rules

if TYPE_CHECKING:
    from imagelabels.domain.words import Words


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


def words(settings: all_settings.Settings) -> Words:
    """Return what people may type: our words, and the names that the rules of the policy show labels by."""
    from imagelabels.domain import words as everyday  # No function that labels pictures needs it.

    known = everyday.load(clouds.vocabularies())
    if settings.policy_file is None:
        return known
    read = rules(settings, 1.0)  # The threshold does not matter here.
    policies = (read.default, *(policy for _, policy in read.by_prefix)) if isinstance(read, Rules) else (read,)
    return known.also_showing(name for policy in policies for name in policy.rename)
