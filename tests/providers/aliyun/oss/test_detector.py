"""Image label detection through OSS."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Label, ObjectHead, ObjectRef, Picture, crc64
from imagelabels.domain.taxonomy import Taxonomy, load
from imagelabels.providers.aliyun.oss.detector import OssDetector
from tests.providers.aliyun.samples import VENDORS_ANSWER, VENDORS_HEADERS
from tests.providers.aliyun.scripted import credentials, error
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REF = ObjectRef("oss", "examplebucket", "camping/照片.jpg")
HEAD = ObjectHead("688A7BF4F233DC9C88A80BF985AB7329", 122539, crc64("xz", "1"), 1, "v7")


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load()


@pytest.fixture
def detector(server: Server, taxonomy: Taxonomy) -> Iterator[OssDetector]:
    detector = OssDetector(server.endpoint, "cn-hangzhou", credentials(), 0.1, taxonomy, read=5)
    yield detector
    detector.close()


def read(start: int, length: int) -> bytes:
    raise AssertionError("the service reads the bytes itself")


PICTURE = Picture(REF, HEAD, read)


def answer(*labels: dict[str, object]) -> Answer:
    return Answer(headers=VENDORS_HEADERS, body=json.dumps({"Labels": labels, "RequestId": "r"}).encode())


def test_every_field_of_the_vendors_sample_is_read(server: Server, detector: OssDetector) -> None:
    server.will(Answer(headers=VENDORS_HEADERS, body=VENDORS_ANSWER.encode()))
    found = detector.detect(PICTURE)
    assert (found.detector, found.model, found.paid) == ("oss", "image/labels", True)
    assert found.raw == VENDORS_ANSWER
    assert [(label.name, label.level, label.confidence, label.centric_score) for label in found.labels] == [
        ("Clothing", 2, 1.0, 0.797),
        ("Carnivore", 2, 1.0, 0.695),
        ("Tent", 2, 0.987, 0.723),
        ("Pet", 1, 0.949, 0.695),
        ("Dog", 3, 0.939, 0.695),
        ("Person", 2, 0.924, 0.803),
        ("Camping", 2, 0.885, 0.689),
    ]
    assert {label.language for label in found.labels} == {"zh-Hans"}
    # Clothes above Clothing and Pet Dog above Dog are the same concept of ours.
    assert {label.name for label in found.labels if label.parent_id is None} == {"Clothing", "Pet", "Dog"}


def test_the_service_is_asked_at_the_floor_for_exactly_the_object_seen(server: Server, detector: OssDetector) -> None:
    server.will(answer())
    detector.detect(PICTURE)
    asked = server.asked[0]
    assert asked.method == "GET"
    assert asked.query == {"x-oss-process": ["image/labels,thr_0.1"], "versionId": ["v7"]}
    assert asked.headers["if-match"] == '"688A7BF4F233DC9C88A80BF985AB7329"'
    assert asked.headers["authorization"].startswith("OSS4-HMAC-SHA256 Credential=STS.keyid/")


@pytest.mark.parametrize(
    ("floor", "written"),
    [(0.1, "0.1"), (0.00001, "0.00001"), (0.0, "0.0"), (0, "0.0"), (1, "1.0"), (0.85, "0.85"), (1 / 3, str(1 / 3))],
)
def test_a_floor_is_a_plain_fraction_that_both_readings_of_thr_agree_on(
    server: Server, taxonomy: Taxonomy, floor: float, written: str
) -> None:
    detector = OssDetector(server.endpoint, "cn-hangzhou", credentials(), floor, taxonomy)
    server.will(answer())
    detector.detect(PICTURE)
    detector.close()
    assert server.asked[0].query["x-oss-process"] == [f"image/labels,thr_{written}"]
    assert detector.setting == f"oss image/labels floor={written}"


@pytest.mark.parametrize("floor", [-0.1, 1.1, 70, float("nan")])
def test_a_floor_outside_0_to_1_is_refused_at_once_by_its_settings_name(taxonomy: Taxonomy, floor: float) -> None:
    with pytest.raises(Misconfigured, match="IMAGELABELS_DETECT_FLOOR"):
        OssDetector("http://127.0.0.1:1", "cn-hangzhou", credentials(), floor, taxonomy)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_is_read_gzipped_or_plain_whole_or_in_chunks(
    server: Server, detector: OssDetector, zipped: bool, chunked: bool
) -> None:
    body = VENDORS_ANSWER.encode()
    headers = VENDORS_HEADERS | ({"Content-Encoding": "gzip"} if zipped else {})
    server.will(Answer(headers=headers, body=gzip.compress(body) if zipped else body, chunked=chunked))
    assert detector.detect(PICTURE).raw == VENDORS_ANSWER


def test_a_known_name_gets_our_id_in_either_language_and_an_unknown_one_its_own(
    server: Server, detector: OssDetector, taxonomy: Taxonomy
) -> None:
    concept = taxonomy.concepts["dog"]
    chinese = concept.names["zh-Hans"]
    server.will(
        answer(
            {"LabelName": chinese, "LabelConfidence": 0.9, "LabelLevel": 2, "Language": "zh-Hans"},
            {"LabelName": "露营", "LabelConfidence": 0.8, "ParentLabelName": chinese, "Language": "zh-Hans"},
        ),
        answer({"LabelName": concept.names["en"], "LabelConfidence": 0.9, "Language": "en"}),
    )
    first, second = detector.detect(PICTURE).labels
    assert (first.id, first.name, first.language) == ("dog", chinese, "zh-Hans")
    assert (second.id, second.parent_id) == ("imm:露营", "dog")
    (english,) = detector.detect(PICTURE).labels
    assert english.id == "dog"


def test_optional_fields_may_be_missing(server: Server, detector: OssDetector) -> None:
    server.will(
        answer(
            {"LabelName": "Qux", "LabelConfidence": 0.5},
            {"LabelName": "Quux", "LabelConfidence": 1, "ParentLabelName": "Qux", "CentricScore": None, "Clips": []},
        )
    )
    assert detector.detect(PICTURE).labels == (
        Label("imm:Qux", "Qux", "zh-Hans", 1, None, 0.5, None),
        Label("imm:Quux", "Quux", "zh-Hans", 2, "imm:Qux", 1.0, None),
    )


def test_of_two_words_for_one_concept_the_surer_counts(server: Server, detector: OssDetector) -> None:
    server.will(
        answer(
            {"LabelName": "Qux", "LabelConfidence": 0.5},
            {"LabelName": "Other", "LabelConfidence": 0.4},
            {"LabelName": "Qux", "LabelConfidence": 0.7, "CentricScore": 0.2},
            {"LabelName": "Qux", "LabelConfidence": 0.6},
        )
    )
    found = detector.detect(PICTURE).labels
    assert [(label.id, label.confidence) for label in found] == [("imm:Qux", 0.7), ("imm:Other", 0.4)]


def test_a_concept_is_never_its_own_parent(server: Server, detector: OssDetector) -> None:
    server.will(answer({"LabelName": "Qux", "LabelConfidence": 0.5, "ParentLabelName": "Qux"}))
    assert detector.detect(PICTURE).labels[0].parent_id is None


def test_a_picture_that_shows_nothing_known_has_no_labels_and_that_is_an_answer(
    server: Server, detector: OssDetector
) -> None:
    server.will(answer())
    assert detector.detect(PICTURE).labels == ()


GOOD = {"LabelName": "Dog", "LabelConfidence": 0.9}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        VENDORS_ANSWER.encode()[:300],
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"Labels": null}',
        b'{"Labels": {}}',
        b'{"Labels": ["Dog"]}',
        b"[" * 100_000,
        *(
            json.dumps({"Labels": [GOOD, GOOD | wrong]}).encode()
            for wrong in (
                {"LabelConfidence": 1.01},
                {"LabelConfidence": -0.1},
                {"LabelConfidence": 93.9},
                {"LabelConfidence": "0.9"},
                {"LabelConfidence": True},
                {"LabelConfidence": None},
                {"LabelConfidence": float("nan")},
                {"CentricScore": 7},
                {"LabelName": ""},
                {"LabelName": 5},
                {"ParentLabelName": 5},
            )
        ),
    ],
)
def test_an_answer_that_is_not_the_documented_one_is_the_detectors_fault(
    server: Server, detector: OssDetector, body: bytes
) -> None:
    server.will(Answer(headers=VENDORS_HEADERS, body=body))
    with pytest.raises(Unavailable) as caught:
        detector.detect(PICTURE)
    assert caught.value.reason == "detector_error"
    assert len(str(caught.value)) < 1000


def test_a_wrong_label_is_told_by_its_place(server: Server, detector: OssDetector) -> None:
    server.will(answer(GOOD, GOOD | {"LabelConfidence": 93.9}))
    with pytest.raises(Unavailable, match=r"Labels\[1\]\.LabelConfidence: 93\.9"):
        detector.detect(PICTURE)


@pytest.mark.parametrize(
    ("told", "kind", "reason"),
    [
        (error(400, "BadRequest", "Input is not an image."), Rejected, "detector_refused"),
        (error(400, "Imm Client", "InvalidArgument, The image is too small. 9D31D05E"), Rejected, "detector_refused"),
        (error(400, "BadImage", "The image cannot be decoded."), Rejected, "corrupt"),
        (error(400, "ImageFormatNotSupported", "Only JPG and PNG."), Rejected, "unsupported_format"),
        (error(400, "BadRequest", "This image format is not supported."), Rejected, "unsupported_format"),
        (error(400, "UnsupportedImageFormat"), Rejected, "unsupported_format"),
        (error(400, "ImageTooLarge"), Rejected, "too_large"),
        (error(403, "ImageDamage", "The image file may be damaged"), Rejected, "corrupt"),
        (error(403, "InvalidObjectState"), Rejected, "archived"),
        (error(403, "AccessDenied", "You have no right to access this object."), Misconfigured, "forbidden"),
        (error(403, "AccessDenied", "The bucket is not bound to an IMM project."), Misconfigured, "detector_unbound"),
        (error(404, "Imm Client", "ResourceNotFound, no such thing. 9D31D05E"), Misconfigured, "detector_unbound"),
        (error(400, "InvalidArgument", "project is required"), Misconfigured, "detector_unbound"),
        (error(400, "Imm Client", "Throttling.User, slow down"), Unavailable, "throttled"),
        (error(429, "TooManyRequests"), Unavailable, "throttled"),
        (error(503, "SlowDown"), Unavailable, "throttled"),
        (error(400, "Imm Client", "InvalidArgument, who knows. 9D31D05E"), Unavailable, "detector_error"),
        (error(400, "InvalidArgument"), Unavailable, "detector_error"),
        (error(400, "BadRequest", "Download of the image timed out."), Unavailable, "detector_error"),
        (error(400, "RequestTimeout"), Unavailable, "timeout"),
        (error(418, "Teapot"), Unavailable, "detector_error"),
        (error(500, "InternalError"), Unavailable, "detector_error"),
        (error(502, "BadGateway"), Unavailable, "detector_error"),
        (error(504, "Imm Server", "InternalError, oops"), Unavailable, "detector_error"),
        (error(403, "SecurityTokenExpired"), Unavailable, "credentials_expired"),
        (Answer(hang_up=True), Unavailable, "detector_error"),
        (Answer(body=VENDORS_ANSWER.encode(), cut=10), Unavailable, "detector_error"),
        (Answer(body=VENDORS_ANSWER.encode(), chunked=True, cut=10), Unavailable, "detector_error"),
        (Answer(headers={"Content-Encoding": "gzip"}, body=b"no gzip at all"), Unavailable, "detector_error"),
    ],
)
def test_each_failure_is_what_it_means_and_is_asked_only_once(
    server: Server,
    detector: OssDetector,
    told: Answer,
    kind: type[Rejected | Misconfigured | Unavailable],
    reason: str,
) -> None:
    server.will(told)
    with pytest.raises(kind) as caught:
        detector.detect(PICTURE)
    assert caught.value.reason == reason
    assert REF.uri in str(caught.value)
    assert len(server.asked) == 1


def test_a_refusal_names_the_vendors_code(server: Server, detector: OssDetector) -> None:
    server.will(error(400, "ImageTooLarge", "too many bytes"), error(403, "AccessDenied"))
    with pytest.raises(Rejected, match=r"ImageTooLarge.*too many bytes"):
        detector.detect(PICTURE)
    with pytest.raises(Misconfigured, match="oss:GetObjectVersion and oss:ProcessImm"):
        detector.detect(PICTURE)


@pytest.mark.parametrize(
    "told", [error(404, "NoSuchKey"), error(404, "NoSuchVersion"), error(404), error(412, "PreconditionFailed")]
)
def test_a_picture_that_changed_meanwhile_is_gone(server: Server, detector: OssDetector, told: Answer) -> None:
    server.will(told)
    with pytest.raises(Gone):
        detector.detect(PICTURE)


def test_a_service_that_says_nothing_is_given_up_after_the_time_asked_for(server: Server, taxonomy: Taxonomy) -> None:
    detector = OssDetector(server.endpoint, "cn-hangzhou", credentials(), 0.1, taxonomy, read=0.05)
    server.will(Answer(body=VENDORS_ANSWER.encode(), silent=True))
    with pytest.raises(Unavailable) as caught:
        detector.detect(PICTURE)
    detector.close()
    assert caught.value.reason == "timeout"


def test_what_it_reads_is_what_the_vendor_says_it_reads(detector: OssDetector) -> None:
    assert (detector.name, detector.paid, detector.formats) == ("oss", True, frozenset({"jpeg", "png"}))
