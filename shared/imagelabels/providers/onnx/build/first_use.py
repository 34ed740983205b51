"""Makes the model files that a command needs, the first time that it needs them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.artifact import ModelFile
from imagelabels.providers.onnx.build import build
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped


def make_missing(models: Sequence[ModelFile]) -> None:
    """Make those of the files that are not in their usual place; Misconfigured says why one cannot be made.

    Two processes may do so at once: each writes a whole file, and both files are the same.
    """
    path = artifact.default_path()
    places = {recipe: recipe.model.beside(path) for recipe in build.EVERY if recipe.model in models}
    missing = {recipe: place for recipe, place in places.items() if not os.path.exists(place)}
    if not missing:
        return
    for recipe in missing:
        build.require(recipe)
    files = " and ".join(place.name for place in missing.values())
    say(f"making the model of the embedded detector, once: {escaped(str(path.parent))}/{files}")
    try:
        for recipe, place in missing.items():
            build.build(recipe, place)
    except OSError as error:
        raise Misconfigured(
            f"the model cannot be written to {path.parent}: {error.strerror}. Set XDG_CACHE_HOME to a folder that can"
            f" be written; or make it elsewhere with `{artifact.COMMAND} PATH`, and set IMAGELABELS_MODEL to that PATH"
        ) from error
