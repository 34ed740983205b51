"""Image tagging of Cloud Infinite."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Label, ObjectHead, Picture
from imagelabels.domain.policy import Policy, choose
from imagelabels.domain.taxonomy import load
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.ci.traits import MOST_BYTES, THUMBNAIL, of_ci
from tests.providers.tencent.scripted import HOST, REF, TOKEN, buckets, error, xml
from tests.scripted import Answer, Server


def picture(size: int = 1000, version: str | None = None) -> Picture:
    return Picture(REF, ObjectHead("abc", size, None, 1, version), lambda start, length: b"")


def labels(*entries: tuple[str, str, str, str]) -> str:
    return "".join(
        f"<Labels><Confidence>{confidence}</Confidence><FirstCategory>{first}</FirstCategory><Name>{name}</Name>"
        f"<SecondCategory>{second}</SecondCategory></Labels>"
        for confidence, first, second, name in entries
    )


def result(inner: str) -> str:
    return f"<RecognitionResult>{inner}</RecognitionResult>"


DEER = ("71", "动植物", "兽类", "鹿")
# The sample of the vendor's page, in full: https://www.tencentcloud.com/document/product/1045/73048
VENDORS = result(
    "<AlbumLabels>"
    + labels(("72", "Animals and plants", "Mammals", "Deer"))
    + "</AlbumLabels><CameraLabels>"
    + labels(
        *(
            (confidence, "Animals and plants", "Mammals", name)
            for confidence, name in (
                ("26", "Antelope"),
                ("21", "Rabbit"),
                ("18", "Deer"),
                ("10", "Lion"),
                ("5", "Leopard"),
            )
        )
    )
    + "</CameraLabels><NewsLabels>"
    + labels(("60", "Plants and other organisms", "Plant category", "Plant"), ("38", "Plant", "Tree", "Tree"))
    + "</NewsLabels><WebLabels>"
    + labels(
        ("97", "Animals and plants", "Other", "Wildlife"),
        ("82", "Animals and plants", "Mammals", "Mammals"),
        ("78", "Animals and plants", "Other", "Animal"),
        ("71", "Animals and plants", "Mammals", "Deer"),
        ("41", "Animals and plants", "Mammals", "White-tailed Deer"),
    )
    + "</WebLabels>"
)


def chains(found: tuple[Label, ...]) -> dict[str, tuple[int, str | None, float]]:
    return {label.name: (label.level, label.parent_id, label.confidence) for label in found}


def test_the_service_is_asked_by_scene_for_exactly_the_object_seen(server: Server) -> None:
    """Without scenes it answers in another shape than its page says."""
    detector = CiDetector(buckets(server), ("web", "camera"), 0.1, load())
    server.will(xml(VENDORS))
    detection = detector.detect(picture())
    asked = server.asked[0]
    assert asked.query == {"ci-process": ["detect-label"], "scenes": ["web,camera"]}
    assert (asked.headers["host"], asked.headers["if-match"]) == (HOST, '"abc"')
    assert (detection.detector, detection.model, detection.paid, detection.raw) == ("ci", "detect-label", True, VENDORS)


def test_the_vendors_sample_becomes_one_tree_in_which_a_category_is_as_sure_as_its_surest_label(
    server: Server, detector: CiDetector
) -> None:
    server.will(xml(VENDORS))
    labelled = detector.detect(picture()).labels
    found = chains(labelled)
    assert found["Animals and plants"] == (1, None, 0.97)
    assert found["Mammals"] == (2, "ci:Animals and plants", 0.82)
    assert found["Deer"] == (3, "mammal", 0.72)
    assert found["Wildlife"] == (2, "ci:Animals and plants", 0.97)
    assert [(label.level, label.confidence) for label in labelled if label.id == "plant-and-fungus"] == [(1, 0.6)]
    assert found["Tree"] == (2, "plant-and-fungus", 0.38)
    assert "Leopard" not in found
    assert not {"Other", "其他", ""} & set(found)


@pytest.mark.parametrize(
    "answer",
    [
        result(f"<WebLabels>{labels(DEER)}</WebLabels>"),
        result(labels(DEER)),
        result(f"<CameraLabels/><WebLabels>{labels(DEER)}</WebLabels>"),
        f'<?xml version="1.0" encoding="utf-8"?>\n{result(labels(DEER))}',
        f'<RecognitionResult xmlns="http://x/">{labels(DEER)}</RecognitionResult>',
    ],
)
def test_an_answer_is_read_in_whatever_shape_it_comes(server: Server, detector: CiDetector, answer: str) -> None:
    server.will(xml(answer))
    assert [(label.name, label.level) for label in detector.detect(picture()).labels] == [
        ("动植物", 1),
        ("兽类", 2),
        ("鹿", 3),
    ]


@pytest.mark.parametrize(
    "answer",
    [result(""), "<RecognitionResult/>", result("<WebLabels/>"), result("<WebLabels></WebLabels><NewsLabels/>")],
)
def test_a_picture_that_shows_nothing_known_has_no_labels_and_is_no_failure(
    server: Server, detector: CiDetector, answer: str
) -> None:
    server.will(xml(answer))
    assert detector.detect(picture()).labels == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/xml; charset=utf-8"},
        {"Content-Type": "text/xml"},
        {"Content-Type": "application/octet-stream"},
        {},
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_is_read_whatever_its_content_type(
    server: Server, detector: CiDetector, headers: dict[str, str], chunked: bool
) -> None:
    """The SDK's own method gives bytes for some of these, and nothing at all without a Content-Type."""
    server.will(Answer(200, headers, result(labels(DEER)).encode(), chunked=chunked))
    assert len(detector.detect(picture()).labels) == 3


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (("50", "动植物", "其他", "野生动物"), {"动植物": (1, None), "野生动物": (2, "ci:动植物")}),
        (("50", "动植物", "Other", "野生动物"), {"动植物": (1, None), "野生动物": (2, "ci:动植物")}),
        (("50", "其他", "其他", "鹿"), {"鹿": (1, None)}),
        (("50", "", "", "鹿"), {"鹿": (1, None)}),
        (("50", "动植物", "兽类", "兽类"), {"动植物": (1, None), "兽类": (2, "ci:动植物")}),
        (("50", "兽类", "哺乳动物", "鹿"), {"兽类": (1, None), "鹿": (2, "mammal")}),
        (("50", "动植物", "兽类", "哺乳动物"), {"动植物": (1, None), "兽类": (2, "ci:动植物")}),
        (("50", "动植物", "兽类", "鹿"), {"动植物": (1, None), "兽类": (2, "ci:动植物"), "鹿": (3, "mammal")}),
    ],
)
def test_categories_that_say_nothing_are_dropped_and_levels_go_by_position(
    server: Server,
    detector: CiDetector,
    entry: tuple[str, str, str, str],
    expected: dict[str, tuple[int, str | None]],
) -> None:
    server.will(xml(result(labels(entry))))
    found = chains(detector.detect(picture()).labels)
    assert {name: (level, parent) for name, (level, parent, _) in found.items()} == expected


def test_a_name_that_several_scenes_say_is_as_sure_as_the_surest(server: Server, detector: CiDetector) -> None:
    low = ("20", *DEER[1:])
    server.will(xml(result(f"<CameraLabels>{labels(low)}</CameraLabels><WebLabels>{labels(DEER)}</WebLabels>")))
    detection = detector.detect(picture())
    assert chains(detection.labels)["鹿"][2] == 0.71
    assert len(detection.labels) == 3
    assert "CameraLabels" in detection.raw


def test_the_vendors_words_are_our_concepts_where_the_taxonomy_knows_them(server: Server, detector: CiDetector) -> None:
    server.will(xml(result(labels(DEER))))
    found = {label.name: (label.id, label.language, label.centric_score) for label in detector.detect(picture()).labels}
    assert found == {
        "动植物": ("ci:动植物", "zh-Hans", None),
        "兽类": ("mammal", "zh-Hans", None),
        "鹿": ("ci:鹿", "zh-Hans", None),
    }


def test_labels_below_the_floor_are_dropped_and_do_not_lift_their_categories(server: Server) -> None:
    detector = CiDetector(buckets(server), ("web",), 0.5, load())
    server.will(xml(result(labels(("50", "a", "", "b"), ("49", "c", "", "d")))))
    assert set(chains(detector.detect(picture()).labels)) == {"a", "b"}


def test_by_default_the_vendors_sample_is_labelled_with_what_it_shows(server: Server, detector: CiDetector) -> None:
    server.will(xml(VENDORS))
    taxonomy = load()
    policy = Policy(detector.default_threshold)
    chosen = {label.name for label in choose(detector.detect(picture()).labels, policy, taxonomy).labels}
    assert {"Mammals", "Deer", "Wildlife", "Tree", "White-tailed Deer"} <= chosen
    assert not {"Antelope", "Rabbit", "Lion", "Leopard"} & chosen


@pytest.mark.parametrize(
    "body",
    [
        result(labels(("many", "a", "b", "c"))),
        result(labels(("101", "a", "b", "c"))),
        result(labels(("nan", "a", "b", "c"))),
        result(labels(("", "a", "b", "c"))),
        result(labels(("50", "a", "b", ""))),
        "<Error><Code>x</Code></Error>",
        "<RecognitionResult>",
        '{"Labels": []}',
        "",
        "\xff",
    ],
)
def test_an_answer_that_is_not_what_the_page_shows_is_asked_for_again(
    server: Server, detector: CiDetector, body: str
) -> None:
    server.will(Answer(200, {"Content-Type": "application/xml"}, body.encode("latin-1")))
    with pytest.raises(Unavailable) as caught:
        detector.detect(picture())
    assert caught.value.reason == "detector_error"


def test_a_picture_above_the_limit_is_shown_as_a_thumbnail_of_the_same_version(
    server: Server, detector: CiDetector
) -> None:
    server.will(xml(result(labels(DEER))), xml(result(labels(DEER))))
    detector.detect(picture(MOST_BYTES))
    assert "detect-url" not in server.asked[0].query
    detector.detect(picture(MOST_BYTES + 1, "v1"))
    asked = server.asked[1]
    assert (asked.path, asked.headers["host"], asked.query["scenes"]) == ("/", HOST, ["web"])
    url = urlsplit(asked.query["detect-url"][0])
    query = parse_qs(url.query, keep_blank_values=True)
    assert (url.scheme, url.netloc) == ("http", HOST)
    assert (query[THUMBNAIL], query["versionId"], query["x-cos-security-token"]) == ([""], ["v1"], [TOKEN])
    begin, end = map(int, query["q-sign-time"][0].split(";"))
    assert begin <= time.time() < end <= time.time() + 60
    assert query["q-header-list"] == ["host"]


def test_without_thumbnails_the_limit_is_the_services_own(server: Server) -> None:
    with_thumbnail = CiDetector(buckets(server), ("web",), 0.1, load())
    without = CiDetector(buckets(server), ("web",), 0.1, load(), thumbnail=False)
    assert (without.most_bytes, with_thumbnail.most_bytes > 20 * 1024 * 1024) == (3 * 1024 * 1024, True)
    assert with_thumbnail.least_side == 50


def test_each_scene_of_a_request_counts_as_a_call_that_is_billed(server: Server) -> None:
    for scenes in (("web",), ("web", "camera", "news")):
        assert CiDetector(buckets(server), scenes, 0.1, load()).calls == len(scenes)
        assert of_ci(scenes, 0.1, True).calls == len(scenes)


def test_what_changes_the_answer_is_in_the_setting(server: Server) -> None:
    made = [
        CiDetector(buckets(server), scenes, floor, load(), thumbnail).setting
        for scenes, floor, thumbnail in ((("web",), 0.1, True), (("news",), 0.1, True), (("web",), 0.2, True))
    ]
    made.append(CiDetector(buckets(server), ("web",), 0.1, load(), False).setting)
    assert len(set(made)) == 4
    assert made[3] == "ci detect-label scenes=web floor=0.1"


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (error(400, "FailedOperation.ImageUnQualified"), Rejected, "detector_refused"),
        (error(400, "InvalidArgument"), Unavailable, "detector_error"),
        (error(400, "RequestTimeout"), Unavailable, "timeout"),
        (error(400, "InternalError", "File download failed"), Unavailable, "detector_error"),
        (error(403, "AccessDenied", "no ci:CreateDetectLabelJob"), Misconfigured, "forbidden"),
        (error(400, "BucketUnBinded", "The bucket is not bound to CI"), Misconfigured, "detector_unbound"),
        (error(403, "AccessDenied", "AI recognition is not activated"), Misconfigured, "detector_unbound"),
        (error(429, "RequestLimitExceeded"), Unavailable, "throttled"),
        (error(503, "SlowDown"), Unavailable, "throttled"),
        (error(500, "InternalError"), Unavailable, "detector_error"),
        (error(451, "UnavailableForLegalReasons"), Rejected, "detector_refused"),
        (
            Answer(400, {"Content-Type": "application/json"}, b'{"code":-1,"message":"x"}'),
            Unavailable,
            "detector_error",
        ),
        (Answer(hang_up=True), Unavailable, "detector_error"),
    ],
)
def test_a_failure_of_the_detector_is_what_it_means(
    server: Server, detector: CiDetector, answer: Answer, kind: type[LabelingError], reason: str
) -> None:
    server.will(answer)
    with pytest.raises(kind) as caught:
        detector.detect(picture())
    assert caught.value.reason == reason


@pytest.mark.parametrize("status", [404, 412])
def test_a_picture_that_was_replaced_is_not_labelled_as_the_old_one(
    server: Server, detector: CiDetector, status: int
) -> None:
    server.will(error(status, "PreconditionFailed"))
    with pytest.raises(Gone):
        detector.detect(picture())


def test_a_detector_that_does_not_answer_in_time_is_asked_again_another_time(server: Server) -> None:
    server.will(Answer(silent=True))
    with pytest.raises(Unavailable) as caught:
        CiDetector(buckets(server, read=0.05), ("web",), 0.1, load()).detect(picture())
    assert caught.value.reason == "timeout"
