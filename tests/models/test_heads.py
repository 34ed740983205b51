"""The fit of the heads leaves whole sources out, and never counts what nobody judged."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import numpy as np
import pytest

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx.colours import LENGTH as COLOURS
from imagelabels.providers.onnx.heads import FILE, SURE, Heads
from imagelabels.providers.onnx.networks import CHANNELS
from imagelabels.providers.onnx.surface import LENGTH as SURFACE
from models.heads import __main__ as program
from models.heads import fitting, graphic, pictures, samples

SOURCES = np.repeat(np.arange(6), 40)
"""Sources 0 to 3 show the label, 4 and 5 do not."""


def world() -> tuple[fitting.Floats, fitting.Floats]:
    """Return features, of which the first tells what is shown, and the labels."""
    labels = np.where(SOURCES < 4, np.arange(len(SOURCES)) % 2, 0).astype(np.float64)
    features = np.random.default_rng(0).normal(size=(len(SOURCES), 12))
    features[:, 0] += 8 * labels
    return features, labels


def measured(features: fitting.Floats, labels: fitting.Floats, test_only: fitting.Flags) -> fitting.Measured:
    turned = fitting.space(features, SOURCES)
    return fitting.head(features, turned, labels, SOURCES, test_only, np.ones(len(labels), bool))


def test_a_label_that_every_source_shows_alike_is_found_on_sources_left_out() -> None:
    head = measured(*world(), np.zeros(len(SOURCES), bool))
    assert head.precision >= 0.93
    assert head.recall >= 0.9
    assert head.positives == 80


def test_what_holds_in_one_source_only_is_worth_nothing_there() -> None:
    features, labels = world()
    alone = SOURCES == 2
    features[alone, 0] -= 8 * labels[alone]  # in this source another feature tells
    features[alone, 1] += 8 * labels[alone]
    head = measured(features, labels, np.zeros(len(SOURCES), bool))
    assert head.recall <= 0.8


def test_pictures_for_tests_only_move_no_weight() -> None:
    features, labels = world()
    test_only = SOURCES == 3
    turned = fitting.space(features[~test_only], SOURCES[~test_only])
    counted = np.ones(len(labels), bool)
    before = fitting.head(features, turned, labels, SOURCES, test_only, ~test_only)
    labels[test_only] = 1 - labels[test_only]
    after = fitting.head(features, turned, labels, SOURCES, test_only, ~test_only)
    assert np.array_equal(before.weights, after.weights)
    assert before.precision > fitting.head(features, turned, labels, SOURCES, test_only, counted).precision


def test_what_nobody_judged_is_neither_fitted_on_nor_counted() -> None:
    features, labels = world()
    labels[::4] = math.nan
    head = measured(features, labels, np.zeros(len(SOURCES), bool))
    assert head.positives == int((labels == 1).sum())
    assert not np.isnan(head.weights).any()


def test_columns_that_are_kept_apart_would_be_lost_among_the_main_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "COMPONENTS", 3)
    features, labels = world()
    features = features[:, ::-1]  # what tells is the last column
    features[:, :-1] *= np.arange(10, 21)
    lost = fitting.space(features, SOURCES)
    kept = fitting.space(features, SOURCES, apart=1)
    assert lost.of(features).shape[1] == 3
    assert np.allclose(kept.of(features)[:, 3], (features[:, -1] - kept.middle[-1]) / kept.spread[-1])
    weights, bias = kept.unfolded(np.array([0, 0, 0, kept.spread[-1], 5.0]))
    assert np.allclose(features @ weights + bias, features[:, -1] - kept.middle[-1] + 5)
    of_photos, counted = np.zeros(len(labels), bool), np.ones(len(labels), bool)
    assert fitting.head(features, kept, labels, SOURCES, of_photos, counted).recall >= 0.9


def test_scenes_would_be_measured_on_graphics_or_by_the_surface_of_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "COMPONENTS", 4)
    monkeypatch.setattr(program, "FITTED", ("sky", "chart"))
    monkeypatch.setattr(program, "TRIED", ())
    names = [entry["name"] for entry in pictures.sources() if entry["use"] == "fit"][:4]
    count = 30 * len(names)
    features = np.random.default_rng(0).random((count, CHANNELS + SURFACE + COLOURS)) / 10
    is_graphic, shows_it = np.arange(count) % 3 == 0, np.arange(count) % 2 == 0
    features[:, 0] = 9 * is_graphic
    features[:, CHANNELS + SURFACE :] += (shows_it & ~is_graphic)[:, None]  # the colours tell what shows the sky
    of_graphics, of_photos = frozenset({graphic.ID, "chart"}), frozenset({"sky"})
    seen = [
        pictures.Judged(names[at % 4], of_graphics if is_graphic[at] else of_photos, frozenset())
        if shows_it[at]
        else pictures.Judged(names[at % 4], frozenset({graphic.ID}) if is_graphic[at] else frozenset(), frozenset())
        for at in range(count)
    ]
    told = graphic.Fitted(np.append(1.0, np.zeros(CHANNELS + SURFACE - 1)), -4.0, 1, 0, {})
    before = program.measure(seen, features, told)
    assert (before["sky"].positives, before["chart"].positives) == (40, 20)
    assert len(before["sky"].weights) == CHANNELS + COLOURS
    assert (before["sky"].precision, before["sky"].recall) == (1, 1)
    features[:, CHANNELS : CHANNELS + SURFACE] = shows_it[:, None]
    after = program.measure(seen, features, told)
    assert np.array_equal(before["chart"].weights, after["chart"].weights)


def test_heads_would_be_written_so_that_others_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`graphic` weighs the surface and the other heads the colours, and each is SURE where it was measured."""
    file = tmp_path / FILE.name
    file.write_bytes(FILE.read_bytes())
    monkeypatch.setattr(program, "FILE", file)
    random = np.random.default_rng(0)
    weights = np.asarray(random.integers(-127, 128, CHANNELS + SURFACE + COLOURS) * 0.001, np.float64)
    weights[0] = 0.127
    no_surface = np.delete(weights, slice(CHANNELS, CHANNELS + SURFACE))
    told = graphic.Fitted(weights[:-COLOURS], -1.0, 1, 0, {})
    program.write(dict.fromkeys(program.FITTED, fitting.Measured(no_surface, -2.0, 0.8, 0.95, 0.5, 40)), told)
    heads = Heads(taxonomy.load(), file)
    inputs = random.random(len(weights)).astype(np.float32) * 0.2
    said = heads.confidences(inputs)

    def shifted(figure: float, limit: float) -> float:
        return float(fitting.sigmoid(np.array(figure - limit + math.log(SURE / (1 - SURE)))))

    of_graphic = float(inputs[:-COLOURS] @ weights[:-COLOURS]) - 1
    of_photos = float(np.delete(inputs, slice(CHANNELS, CHANNELS + SURFACE)) @ no_surface) - 2
    assert said[graphic.ID] == pytest.approx(shifted(of_graphic, graphic.CUT), abs=0.001)
    expected = shifted(of_photos, math.log(0.8 / 0.2))
    assert {label_id: said[label_id] for label_id in program.FITTED} == pytest.approx(
        dict.fromkeys(program.FITTED, expected), abs=0.001
    )
    assert said["person"] == Heads(taxonomy.load()).confidences(inputs)["person"]


def test_weights_become_whole_numbers_of_seven_bits_and_a_sign() -> None:
    scale, weights = fitting.whole(np.array([0.5, -1.27, 0.0]))
    assert (scale, weights) == (0.01, [50, -127, 0])


def test_a_line_of_labels_is_read_with_what_its_section_says() -> None:
    seen = pictures.judged("[A] food ?indoor\n00\n01 -\n02 map ?food\n[B] -\n03\n")
    assert seen["00"] == pictures.Judged("A", frozenset({"food"}), frozenset({"indoor"}))
    assert seen["01"] == pictures.Judged("A", frozenset(), frozenset())
    assert [seen["02"].label(label_id) for label_id in ("map", "outdoor")] == [1.0, 0.0]
    assert math.isnan(seen["02"].label("food"))
    assert seen["03"].source == "B"


def test_every_picture_is_of_a_listed_source_and_sources_for_tests_only_are_no_part_of_the_weights() -> None:
    seen = pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
    listed = {entry["name"]: entry for entry in pictures.sources()}
    assert {picture.source for picture in seen.values()} == set(listed)
    for name, entry in listed.items():
        assert entry["use"] in ("fit", "test")
        assert entry["pictures"] >= sum(picture.source == name for picture in seen.values())
        if entry["use"] == "fit":
            assert "GPL" not in entry["licence"].partition(" (or")[0]
            assert "NC" not in entry["licence"].replace("without NC", "")


def test_a_label_that_a_single_source_shows_cannot_be_fitted_because_nothing_is_left_when_it_is_left_out() -> None:
    entries = pictures.sources()
    one, other = [entry["name"] for entry in entries if entry["use"] == "fit"][:2]
    test_only = next(entry["name"] for entry in entries if entry["use"] == "test")

    def shows(source: str, *ids: str) -> pictures.Judged:
        return pictures.Judged(source, frozenset(ids), frozenset())

    seen = [shows(one, "food", "map"), shows(one, "food"), shows(other, "map"), shows(test_only, "food", "map")]
    assert program.rarely_shown(seen, ("food", "map", "chart")) == ["food", "chart"]


def noticed(notice: str) -> tuple[list[str], list[str]]:
    """Return the sources that the NOTICE names: those that weights were fitted on, and those only measured on."""
    fitted_on, _, measured_on = notice.partition("Pictures of these sources were only measured on.")
    return _items(fitted_on), _items(measured_on)


def _items(text: str) -> list[str]:
    items = re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
    return sorted(" ".join(item.split()) for item in items)


def listed() -> tuple[list[str], list[str]]:
    """Return what the NOTICE must say of each source in sources.json, for those with the use `fit` and `test`."""
    lines: dict[str, list[str]] = {"fit": [], "test": []}
    judged = pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8")).values()
    told = {picture.source for picture in judged if not math.isnan(graphic.label(picture))}
    for entry in pictures.sources():
        line = f"{entry['place']} ({entry['version']}): {entry['pictures']} pictures; {entry['licence']}"
        is_for_graphic = graphic.allowed(entry) and entry["name"] in told
        lines[entry["use"]].append(line + ("; also for `graphic`" if is_for_graphic else ""))
    return sorted(lines["fit"]), sorted(lines["test"])


def test_the_notice_names_each_source_with_its_version_its_pictures_its_licence_and_its_use() -> None:
    notice = (pictures.HERE.parents[1] / "NOTICE").read_text("utf-8")
    fitted_on, measured_on = listed()
    assert len(fitted_on) > 20
    assert len(measured_on) >= 5
    assert noticed(notice) == (fitted_on, measured_on)


def test_a_source_that_is_missing_in_the_notice_or_has_another_count_there_is_noticed() -> None:
    notice = (pictures.HERE.parents[1] / "NOTICE").read_text("utf-8")
    for old, new in ((": 353 pictures", ": 352 pictures"), ("- Debian package kicad", "Debian package kicad")):
        assert notice.count(old) == 1
        assert noticed(notice.replace(old, new)) != listed()


def test_the_notice_counts_the_samples_that_come_with_the_tests() -> None:
    notice = " ".join((pictures.HERE.parents[1] / "NOTICE").read_text("utf-8").split())
    assert f"tests/samples/{samples.FILE.name} holds the features of {len(list(samples.read()))} pictures" in notice


def test_what_is_fitted_is_in_the_taxonomy_and_what_was_tried_in_vain_is_not_shipped() -> None:
    assert set(program.FITTED) <= set(taxonomy.load().concepts)
    assert not set(program.FITTED) & set(program.TRIED)


def test_the_order_of_the_pictures_does_not_depend_on_their_names_and_folders(tmp_path: Path) -> None:
    """Their order decides which photos are drawn from, and which pictures a fit keeps."""
    contents = [b"one", b"two", b"three", b"four"]
    beginnings = [hashlib.sha256(content).hexdigest()[: pictures.DIGITS] for content in contents]
    wanted = {beginning: pictures.Judged("A", frozenset(), frozenset(), beginning) for beginning in beginnings}
    orders = []
    for name in ("as they come", "turned round"):
        folder = tmp_path / name
        for number, content in enumerate(contents if name == "turned round" else contents[::-1]):
            (folder / str(number)).mkdir(parents=True)
            (folder / str(number) / "picture.jpg").write_bytes(content)
        (folder / "copy.jpg").write_bytes(contents[0])
        orders.append([picture.beginning for _, picture in pictures.files(folder, wanted)])
    assert orders == [sorted(beginnings)] * 2


def test_a_folder_without_the_pictures_is_refused_with_where_to_get_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.jpg").write_bytes(b"not a picture that is known")
    assert program.main([str(tmp_path)]) == 2
    assert "README.md" in capsys.readouterr().out


def seen_of(*sources: str) -> list[program.Seen]:
    none = frozenset[str]()
    return [(pictures.Judged(source, none, none), np.zeros(1280, np.float32)) for source in sources]


def test_a_folder_without_the_pictures_of_a_whole_source_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = sorted(entry["name"] for entry in pictures.sources())
    monkeypatch.setattr(pictures, "looked_at", lambda _: iter(seen_of(*every[1:])))
    assert program.main([str(tmp_path), "--write"]) == 2
    assert f"no picture of {every[0]} was found" in capsys.readouterr().out


def test_a_source_that_is_not_listed_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "looked_at", lambda _: iter(seen_of("NOWHERE")))
    assert program.main([str(tmp_path)]) == 2
    assert "sources.json does not list NOWHERE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[{", "JSONDecodeError"),
        ('[{"name": "A", "licence": "MIT"}]', "KeyError: 'use'"),
        ('[{"name": "A", "use": "fit"}]', "KeyError: 'licence'"),
        ('[{"name": "A", "licence": "MIT", "use": "fits"}]', "the use of A is neither fit nor test"),
        ("[7]", "TypeError"),
    ],
)
def test_damaged_sources_are_refused_with_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    (tmp_path / "sources.json").write_text(content)
    monkeypatch.setattr(pictures, "HERE", tmp_path)
    with pytest.raises(SystemExit, match=rf"sources\.json.*{said}"):
        pictures.sources()
