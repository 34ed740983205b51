"""The list of everyday photos names every picture once, with ids that exist, and the program finds them in clones."""

from __future__ import annotations

import csv
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import everyday, truth
from imagelabels.domain import taxonomy

KNOWN = taxonomy.load().concepts


@pytest.mark.parametrize("use", ["score", "fit"])
def test_every_picture_has_a_known_source_and_known_ids(use: str) -> None:
    sources = everyday.commits()
    rows = list(everyday.pictures(use))
    assert len(rows) > 600
    for repository, path, digest, ids in rows:
        assert len(sources[repository]) == 40
        assert path
        assert len(digest) == 16
        assert {label_id.removeprefix(truth.WRONG).removeprefix(truth.UNJUDGED) for label_id in ids} <= KNOWN.keys()


def test_the_list_of_sources_would_count_other_pictures_than_the_list_of_pictures() -> None:
    uses = {"scored": "score", "fitted": "fit"}
    counts = {name: Counter(repository for repository, *_ in everyday.pictures(use)) for name, use in uses.items()}
    with (everyday.HERE / "everyday_sources.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name, count in counts.items():
                assert int(row[name]) == count[row["repository"]], (row["repository"], name)


def test_no_picture_that_is_scored_was_fitted_on_and_none_is_listed_twice() -> None:
    digests = [digest for use in ("score", "fit") for _, _, digest, _ in everyday.pictures(use)]
    assert len(digests) == len(set(digests))


def test_pictures_come_out_of_a_clone_as_they_were_at_the_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path / "clones" / "someone+photos"
    clone.mkdir(parents=True)

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    (clone / "cat.jpg").write_bytes(b"cat")
    git("add", ".")
    git("commit", "-qm", "cat")
    commit = git("rev-parse", "HEAD")
    monkeypatch.setattr(everyday, "HERE", tmp_path)
    (tmp_path / "everyday_sources.csv").write_text(f"repository,commit\nsomeone/photos,{commit}\nelse/where,{commit}\n")
    digest = "77af778b51abd4a3"
    (tmp_path / "everyday.csv").write_text(
        f"score,someone/photos,cat.jpg,{digest},cat,!dog\nscore,someone/photos,cat.jpg,0000,cat\n"
        f"score,else/where,cat.jpg,{digest},cat\nfit,someone/photos,cat.jpg,{digest},cat\n"
    )
    assert everyday.main([str(tmp_path / "clones"), str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == "1 picture gathered, 2 not found in the clones\n"
    assert (tmp_path / "out" / f"{digest}.jpg").read_bytes() == b"cat"
    assert (tmp_path / "out" / "truth.csv").read_text() == f"{digest}.jpg,cat,!dog\n"
