"""Lets IMM's SDK load the models that are used. Its own package of models imports all of its 520 modules at once."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

MODELS = "alibabacloud_imm20200930.models"


class SingleModels(ModuleType):
    """It stands for the package, and imports the module of a model when somebody first asks for the model.

    The module of DetectImageLabelsRequest is _detect_image_labels_request. If a model has no module of such a name, all
    are imported, as the package does itself.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        module = f"{self.__name__}._{re.sub('(?<=[a-z0-9])(?=[A-Z])', '_', name).lower()}"
        if find_spec(module) is not None:
            setattr(self, name, getattr(__import__(module, fromlist=[name]), name))
        elif self.__spec__ is not None and self.__spec__.loader is not None:
            self.__spec__.loader.exec_module(self)
        if name not in vars(self):
            raise AttributeError(name)
        return vars(self)[name]


def prepare() -> None:
    """Put it in the place of the package, unless the package is loaded already. Call it before the SDK is imported."""
    if MODELS not in sys.modules and (spec := find_spec(MODELS)) is not None:
        models = SingleModels(MODELS)
        models.__spec__, models.__path__ = spec, spec.submodule_search_locations or []
        sys.modules[MODELS] = models
