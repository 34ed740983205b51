"""The two ends that are no finding."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was asked. The message says why, and what to do."""


class Leftovers(Exception):
    """Something could not be removed. The message names it."""
