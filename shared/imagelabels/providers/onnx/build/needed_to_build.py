"""Ends the program with one line if numpy is missing, without which no model can be built; `build` imports it first."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from imagelabels.providers.onnx.artifact import LITE0

if find_spec("numpy") is None:
    sys.exit(f"The model was not built: numpy is missing: `{LITE0.install}` brings it")
