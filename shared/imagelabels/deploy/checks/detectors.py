"""This module asks whether a function's detector reads the store of the function, and has its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagelabels import clouds
from imagelabels.deploy.checks import function
from imagelabels.deploy.checks.finding import Check


def problems(scheme: str, variables: Mapping[str, str]) -> Iterator[tuple[Check, str, str]]:
    """Yield (check, variable, cause) for what the environment of a function that reads `scheme` has or lacks.

    A detector that nobody knows is not looked at, because the check of the settings' values finds it.
    """
    name = variables.get("IMAGELABELS_DETECTOR", "")
    detector = clouds.detectors().get(name)
    if detector is None:
        return
    if detector.reads not in (None, scheme):
        cause = f"The detector {name} reads {detector.reads}:// only, and the function's pictures are in {scheme}://."
        yield function.DETECTOR_OF_ANOTHER_STORE, "IMAGELABELS_DETECTOR", cause
    if name == "embedded" and not variables.get("IMAGELABELS_MODEL"):
        yield function.MODEL_UNSET, "IMAGELABELS_MODEL", "It is missing or empty, and the detector embedded needs it."
