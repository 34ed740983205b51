"""`imagelabels detect --policy --explain`: what a policy makes of pictures, before it is anybody's."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli import main as cli
from tests.model import PHOTOS, model_path
from tests.site import Terminal

CAT = PHOTOS / "chelsea.png"
RULES = """
[[rule]]
prefix = "oss://photos/"
exclude = ["mammal"]

[[rule]]
prefix = "oss://photos/cats/"
exclude = []
threshold = 0.97
thresholds = { "猫" = 0.9 }
rename = { cat = "[b]Felix" }
tag_limit = 1

[[rule]]
prefix = "oss://photos/private/"
label = false
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture
def run(model: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """detect(arguments) -> exit status, stdout, stderr; the policy is in policy.toml of the working directory."""
    (tmp_path / "policy.toml").write_text(RULES)
    monkeypatch.chdir(tmp_path)

    def detect(*arguments: str | Path) -> tuple[int, str, str]:
        status = cli.main(["detect", "--model", str(model), *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return detect


def answer(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def ids(out: str) -> list[str]:
    return [label["id"] for label in answer(out)["labels"]]


def test_a_policy_chooses_the_labels_as_it_would_below_a_prefix(run: Run) -> None:
    policy = ("--policy", "policy.toml", "--format", "json")
    assert ids(run(CAT, *policy)[1]) == ["mammal", "cat"]
    assert ids(run(CAT, *policy, "--prefix", "oss://photos/")[1]) == []
    status, out, _ = run(CAT, *policy, "--prefix", "oss://photos/cats/")
    assert status == 0
    assert "explained" not in answer(out)
    assert ids(out)[:2] == ["mammal", "cat"]


def test_a_rule_for_files_names_their_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "chelsea.png").write_bytes(CAT.read_bytes())
    (tmp_path / "policy.toml").write_text(f'[[rule]]\nprefix = "file://{tmp_path}/"\nonly = ["cat"]')
    assert ids(run("chelsea.png", "--policy", "policy.toml", "--format", "json")[1]) == ["cat"]


def test_an_explanation_says_of_every_label_why_it_stays_or_goes(run: Run) -> None:
    _, out, _ = run(CAT, "--policy", "policy.toml", "--explain", "--prefix", "oss://photos/cats/", "--format", "json")
    explained = {one["id"]: one for one in answer(out)["explained"]}
    assert [label_id for label_id, one in explained.items() if one["kept"]] == ids(out)
    assert explained["cat"]["name"] == "[b]Felix"
    assert explained["mammal"]["cause"] == "tag_left_out"
    assert explained["egyptian-cat"]["why"] == "below threshold 0.9 for cat of rule oss://photos/cats/"
    assert explained["egyptian-cat"] | {"confidence": 0} == {
        "id": "egyptian-cat",
        "answered_id": "egyptian-cat",
        "name": "Egyptian cat",
        "confidence": 0,
        "kept": False,
        "cause": "below_threshold",
        "why": "below threshold 0.9 for cat of rule oss://photos/cats/",
        "tag": None,
    }
    assert [one["tag"] for one in explained.values() if one["tag"]] == [{"key": "label:cat", "value": "mammal"}]


def test_without_a_policy_the_settings_are_explained(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_TAG_PREFIX", "ai/")
    _, out, _ = run(CAT, "--explain", "--language", "zh-Hans", "--threshold", "0.97")
    mammal, cat = (line.split("\t") for line in out.splitlines()[:2])
    assert mammal[1:] == ["哺乳动物", "mammal", mammal[3], "yes", "ai/mammal=mammal", "kept"]
    assert cat[1:] == ["猫", "cat", cat[3], "no", "", "below threshold 0.97 of the settings"]


def test_the_functions_own_policy_is_explained_where_none_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_POLICY", "policy.toml")
    _, out, _ = run(CAT, "--explain", "--prefix", "oss://photos/")
    assert "excluded by rule oss://photos/" in out.splitlines()[0]
    assert "excluded as mammal by rule oss://photos/" in out.splitlines()[1]


def test_a_table_shows_the_reasons_and_no_name_is_mark_up(run: Run) -> None:
    with redirect_stdout(Terminal()) as terminal:
        run(CAT, "--policy", "policy.toml", "--explain", "--prefix", "oss://photos/cats/")
    assert "[b]Felix" in terminal.getvalue()
    assert "label:cat=mammal" in terminal.getvalue()
    assert "below threshold 0.9 for cat of" in terminal.getvalue()


def test_what_is_not_labelled_is_refused_by_its_rule(run: Run) -> None:
    status, _, err = run(CAT, "--policy", "policy.toml", "--prefix", "oss://photos/private/")
    assert status == 1
    assert err.endswith("chelsea.png: excluded: rule oss://photos/private/ says label = false\n")


def test_a_wrong_policy_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('[[rule]]\nprefix = "oss://photos/"\nexclude = ["katze"]')
    status, out, err = run(CAT, "--policy", "policy.toml")
    assert (status, out) == (2, "")
    assert err.startswith(
        "imagelabels detect: policy.toml: line 3, rule oss://photos/, exclude: no label is called 'katze'"
    )


def test_a_bucket_alone_is_not_run_together_with_the_files_name(run: Run) -> None:
    policy = ("--policy", "policy.toml", "--format", "json")
    assert run(CAT, *policy, "--prefix", "oss://photos")[1] == run(CAT, *policy, "--prefix", "oss://photos/")[1]
    assert run(CAT, *policy, "--prefix", "oss://photos")[1] != run(CAT, "--format", "json")[1]


@pytest.mark.parametrize("prefix", ["photos", "photos/cats/", "", "oss:photos"])
def test_a_prefix_that_is_no_uri_is_refused(run: Run, prefix: str) -> None:
    status, out, err = run(CAT, "--policy", "policy.toml", "--prefix", prefix)
    assert (status, out) == (2, "")
    assert "argument --prefix: " in err


def test_a_prefix_without_a_policy_is_explained(run: Run) -> None:
    status, _, err = run(CAT, "--prefix", "oss://photos/")
    assert status == 2
    assert "--prefix chooses a rule of a policy" in err


def test_the_example_of_the_policy_page_is_what_the_command_prints(run: Run, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text()
    example = page.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "policy.toml").write_text(example)
    _, out, _ = run(CAT, "--policy", "policy.toml", "--explain", "--prefix", "oss://photos/zh/")
    shown = [line.split("\t") for line in page.splitlines() if line.startswith("photos/chelsea.png\t")]
    printed = [line.split("\t") for line in out.splitlines()]
    assert [line[1:3] + line[4:] for line in shown] == [line[1:3] + line[4:] for line in printed]
    assert run(CAT, "--policy", "policy.toml", "--prefix", "oss://photos/private/")[0] == 1
    (tmp_path / "policy.toml").write_text(example.replace("threshold = 0.8", "threshold = 70"))
    assert run(CAT, "--policy", "policy.toml")[2].removeprefix("imagelabels detect: ") in page
