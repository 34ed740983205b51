"""What holds for every network that is opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ONNXRUNTIME = """
import os
print("telemetry off:", os.environ.get("ORT_DISABLE_TELEMETRY"))
"""


@pytest.mark.parametrize("module", ["session", "detector"])
def test_the_library_that_runs_the_networks_is_never_loaded_with_its_telemetry(module: str, tmp_path: Path) -> None:
    """A stand-in takes the place of onnxruntime, since only some of its versions have telemetry on this system."""
    (tmp_path / "onnxruntime.py").write_text(ONNXRUNTIME)
    path = os.pathsep.join((str(tmp_path), *sys.path))
    environ = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", f"import imagelabels.providers.onnx.{module}"]
    done = subprocess.run(
        command, env=environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "telemetry off: 1\n"
