"""Image label detection by IMM, over the vendor's client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_imm20200930.models import CredentialConfig, CredentialConfigChain, DetectImageLabelsRequest
from darabonba.runtime import RuntimeOptions

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Label, ObjectHead, ObjectRef, Picture, crc64
from imagelabels.domain.taxonomy import Taxonomy, load
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.detector import ImmDetector
from tests.emulator.aliyun.imm.running import Detector, RunningImm, running_imm, sdk_clock
from tests.providers.aliyun.samples import VENDORS_ANSWER
from tests.providers.aliyun.scripted import credentials
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REF = ObjectRef("oss", "examplebucket", "camping/照 片+%41.jpg")
HEAD = ObjectHead("688A7BF4F233DC9C88A80BF985AB7329", 122539, crc64("xz", "1"), 1, None)
CONFIG = {"ServiceRole": "svc", "Chain": [{"Role": "reader", "RoleType": "user", "AssumeRoleFor": "1234"}]}


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load()


Make = Callable[..., ImmDetector]


@pytest.fixture
def make(server: Server, taxonomy: Taxonomy) -> Iterator[Make]:
    made: list[ImmDetector] = []

    def make(
        endpoint: str = server.endpoint,
        project: str = "photos",
        keys: AliyunCredentials | None = None,
        floor: float = 0.1,
        config: dict[str, Any] | None = None,
        **options: Any,
    ) -> ImmDetector:
        made.append(ImmDetector(Imm(endpoint, project, keys or credentials(), config), floor, taxonomy, **options))
        return made[-1]

    yield make
    for detector in made:
        detector.close()


@pytest.fixture
def detector(make: Make) -> ImmDetector:
    return make()


def read(start: int, length: int) -> bytes:
    raise AssertionError("the service reads the bytes itself")


def picture(key: str = REF.key, bucket: str = REF.bucket) -> Picture:
    return Picture(ObjectRef("oss", bucket, key), HEAD, read)


JSON = {"Content-Type": "application/json;charset=utf-8"}
GOOD = Answer(headers=JSON, body=VENDORS_ANSWER.encode())


def error(status: int, code: str, message: str = "", **headers: str) -> Answer:
    """The documented form of an error."""
    body = {"RequestId": "D18E94DF", "HostId": "imm.cn-hangzhou.aliyuncs.com", "Code": code, "Message": message}
    return Answer(status, JSON | headers, json.dumps(body).encode())


def test_every_field_of_the_vendors_sample_is_read(server: Server, detector: ImmDetector) -> None:
    server.will(GOOD)
    found = detector.detect(picture())
    assert (found.detector, found.model, found.paid, found.raw) == ("imm", "DetectImageLabels", True, VENDORS_ANSWER)
    assert [(label.name, label.level, label.confidence, label.centric_score) for label in found.labels] == [
        ("Clothing", 2, 1.0, 0.797),
        ("Carnivore", 2, 1.0, 0.695),
        ("Tent", 2, 0.987, 0.723),
        ("Pet", 1, 0.949, 0.695),
        ("Dog", 3, 0.939, 0.695),
        ("Person", 2, 0.924, 0.803),
        ("Camping", 2, 0.885, 0.689),
    ]


def test_fields_that_no_label_of_ours_has_stay_in_the_kept_answer(server: Server, detector: ImmDetector) -> None:
    label = {"LabelName": "狗", "LabelConfidence": 0.9, "LabelAlias": "犬", "Clips": [{"TimeRange": [0, 1]}]}
    text = json.dumps({"Labels": [label], "RequestId": "r", "Later": 1}, ensure_ascii=False)
    server.will(Answer(headers=JSON, body=text.encode()))
    found = detector.detect(picture())
    assert found.labels == (Label("dog", "狗", "zh-Hans", 1, None, 0.9, None),)
    assert found.raw == text


@pytest.mark.parametrize("config", [None, CONFIG])
def test_the_request_is_the_one_that_the_vendors_own_method_sends(
    server: Server, make: Make, config: dict[str, object] | None
) -> None:
    server.will(GOOD, GOOD)
    detector = make(config=config)
    detector.detect(picture())
    chain = [CredentialConfigChain("1234", "reader", "user")]
    asked = DetectImageLabelsRequest(
        CredentialConfig(chain, None, "svc") if config else None, "photos", f"oss://{REF.bucket}/{REF.key}", 0.1
    )
    runtime = RuntimeOptions(connect_timeout=3000, read_timeout=15000)
    detector._imm._client.detect_image_labels_with_options(asked, runtime)
    ours, theirs = server.asked
    given = json.loads(theirs.query.pop("CredentialConfig")[0]) if config else None
    assert (json.loads(ours.query.pop("CredentialConfig")[0]) if config else None) == given
    assert (ours.method, ours.path, ours.body, ours.query) == ("POST", "/", b"", theirs.query)
    assert ours.query["SourceURI"] == ["oss://examplebucket/camping/照 片+%41.jpg"]
    assert ours.headers.keys() == theirs.headers.keys()
    assert ours.headers["x-acs-action"] == "DetectImageLabels"
    assert ours.headers["x-acs-version"] == theirs.headers["x-acs-version"]


@pytest.mark.parametrize(("floor", "written"), [(0.1, "0.1"), (0.00001, "0.00001"), (0, "0.0"), (1, "1.0")])
def test_the_service_is_asked_at_the_floor(server: Server, make: Make, floor: float, written: str) -> None:
    server.will(GOOD)
    detector = make(floor=floor)
    detector.detect(picture())
    assert server.asked[0].query["Threshold"] == [written]
    assert detector.setting == f"imm DetectImageLabels floor={written}"


@pytest.mark.parametrize("floor", [-0.1, 1.1, 70, float("nan")])
def test_a_floor_outside_0_to_1_is_refused_at_once_by_its_settings_name(make: Make, floor: float) -> None:
    with pytest.raises(Misconfigured, match="IMAGELABELS_DETECT_FLOOR"):
        make(floor=floor)


def test_keys_that_rotate_sign_the_next_request(server: Server, make: Make) -> None:
    keys = credentials()
    detector = make(keys=keys)
    server.will(GOOD, GOOD, GOOD)
    detector.detect(picture())
    keys.refresh("STS.other", "other", "token2")
    detector.detect(picture())
    keys.refresh("plain", "secret")
    detector.detect(picture())
    assert [one.headers.get("x-acs-security-token") for one in server.asked] == ["TOKENtokenTOKEN", "token2", None]
    signed = [one.headers["authorization"].partition(",")[0] for one in server.asked]
    assert signed == [f"ACS3-HMAC-SHA256 Credential={key_id}" for key_id in ("STS.keyid", "STS.other", "plain")]


FAILURES = [
    (error(400, "InvalidArgument", "The image has too few pixels."), Rejected, "detector_refused"),
    (error(400, "InvalidArgument", "Who knows."), Unavailable, "detector_error"),
    (error(400, "RequestTimeout"), Unavailable, "timeout"),
    (error(400, "LimitExceededError", "input quota exceed the max value"), Unavailable, "detector_error"),
    (error(400, "InvalidArgument", "File access forbidden."), Misconfigured, "forbidden"),
    (error(400, "UnsupportedImageFormat"), Rejected, "unsupported_format"),
    (error(400, "InvalidArgument", "This image format is not supported."), Rejected, "unsupported_format"),
    (error(400, "ImageTooLarge"), Rejected, "too_large"),
    (error(400, "ImageDamage"), Rejected, "corrupt"),
    (error(404, "ResourceNotFound", "The resource is not there."), Misconfigured, "detector_unbound"),
    (error(404, "ResourceNotFound.Project"), Misconfigured, "detector_unbound"),
    (error(404, "Something.New"), Misconfigured, "detector_unbound"),
    (
        error(400, "InvalidArgument", "The parameter ProjectName is required but not provided."),
        Misconfigured,
        "detector_unbound",
    ),
    (error(404, "InvalidAction.NotFound"), Misconfigured, "forbidden"),
    (error(403, "NoPermission", "You are not authorized to do this action."), Misconfigured, "forbidden"),
    (error(403, "Forbidden.RAM"), Misconfigured, "forbidden"),
    (error(400, "InvalidArgument", "The bucket is not in the region of the project."), Misconfigured, "forbidden"),
    (error(400, "InvalidArgument", "cannot assume role reader"), Misconfigured, "forbidden"),
    (error(404, "InvalidAccessKeyId.NotFound"), Unavailable, "credentials_expired"),
    (error(400, "SignatureDoesNotMatch"), Misconfigured, "forbidden"),
    (error(400, "InvalidSecurityToken.Expired"), Unavailable, "credentials_expired"),
    (error(400, "InvalidTimeStamp.Expired"), Unavailable, "store_error"),
    (error(400, "SignatureNonceUsed"), Unavailable, "detector_error"),
    (error(429, "Throttling.User"), Unavailable, "throttled"),
    (error(400, "Throttling"), Unavailable, "throttled"),
    (error(400, "Flow", "denied due to user flow control"), Unavailable, "throttled"),
    (error(429, "Throttling.User", **{"x-acs-retry-after": "100"}), Unavailable, "throttled"),
    (error(500, "InternalError"), Unavailable, "detector_error"),
    (error(502, "BadGateway"), Unavailable, "detector_error"),
    (error(503, "ServiceUnavailable"), Unavailable, "throttled"),
    (error(503, "Throttling.User", **{"x-acs-retry-after": "100"}), Unavailable, "throttled"),
    (Answer(403, {"Content-Type": "text/html"}, b"<html>no</html>"), Unavailable, "detector_error"),
    (Answer(302, {"Location": "http://127.0.0.1:1/"}), Unavailable, "detector_error"),
    (Answer(hang_up=True), Unavailable, "detector_error"),
    (Answer(headers=JSON, body=VENDORS_ANSWER.encode(), cut=10), Unavailable, "detector_error"),
    (Answer(headers=JSON, body=VENDORS_ANSWER.encode(), chunked=True, cut=10), Unavailable, "detector_error"),
    (Answer(headers={"Content-Encoding": "gzip"}, body=b"no gzip at all"), Unavailable, "detector_error"),
]


@pytest.mark.parametrize(("told", "kind", "reason"), FAILURES)
def test_no_request_is_sent_again_that_nobody_has_counted(
    server: Server,
    detector: ImmDetector,
    told: Answer,
    kind: type[Rejected | Misconfigured | Unavailable],
    reason: str,
) -> None:
    server.will(told)
    with pytest.raises(kind) as caught:
        detector.detect(picture())
    assert caught.value.reason == reason
    assert REF.bucket in str(caught.value)
    assert len(server.asked) == 1


def test_a_connection_that_cannot_be_made_is_the_detectors_fault(make: Make) -> None:
    with pytest.raises(Unavailable) as caught:
        make("http://127.0.0.1:1").detect(picture())
    assert caught.value.reason == "detector_error"


def test_a_service_that_says_nothing_is_given_up_after_the_time_asked_for_and_not_asked_again(
    server: Server, make: Make
) -> None:
    server.will(Answer(headers=JSON, body=VENDORS_ANSWER.encode(), silent=True))
    with pytest.raises(Unavailable) as caught:
        make(within=0.05).detect(picture())
    assert caught.value.reason == "timeout"
    assert len(server.asked) == 1


def test_a_service_that_stops_in_the_middle_is_a_timeout_too(server: Server, make: Make) -> None:
    server.will(Answer(headers=JSON, body=b'{"Labels', cut=7, stall=True))
    with pytest.raises(Unavailable) as caught:
        make(within=0.05).detect(picture())
    assert caught.value.reason == "timeout"


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
        b'{"RequestId": "r"}',
        b'{"Labels": null}',
        b'{"Labels": ["Dog"]}',
        b'{"Labels": [{"LabelName": "Dog", "LabelConfidence": 93.9}]}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_not_the_documented_one_is_the_detectors_fault(
    server: Server, detector: ImmDetector, body: bytes
) -> None:
    server.will(Answer(headers=JSON, body=body))
    with pytest.raises(Unavailable) as caught:
        detector.detect(picture())
    assert caught.value.reason == "detector_error"
    assert len(str(caught.value)) < 1000


def test_neither_proxies_nor_debugging_of_the_environment_touch_a_request(
    server: Server, detector: ImmDetector, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("DEBUG", "sdk")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "another")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "another")
    server.will(GOOD)
    detector.detect(picture())
    assert "Credential=STS.keyid," in server.asked[0].headers["authorization"]
    assert capfd.readouterr() == ("", "")


def test_a_redirect_is_not_followed_with_the_token(server: Server, detector: ImmDetector) -> None:
    server.will(Answer(307, {"Location": f"{server.endpoint}/elsewhere"}))
    with pytest.raises(Unavailable):
        detector.detect(picture())
    assert len(server.asked) == 1


@pytest.fixture
def imm(tmp_path: Path) -> Iterator[RunningImm]:
    with running_imm(tmp_path, Detector()) as running:
        running.bucket().put_object(REF.key, b"a picture")
        yield running


def over(imm: RunningImm, make: Make, project: str = "imagelabels", keys: AliyunKeys | None = None) -> ImmDetector:
    return make(imm.endpoint, project, AliyunCredentials(keys or AliyunKeys("emulator", "emulator")), config=CONFIG)


def test_labels_come_from_the_floor_upwards_in_our_ids(imm: RunningImm, make: Make) -> None:
    found = over(imm, make).detect(picture(bucket="photos"))
    assert [(label.id, label.confidence) for label in found.labels] == [("dog", 0.94), ("cat", 0.3)]


def test_temporary_keys_are_good_until_they_expire(imm: RunningImm, make: Make) -> None:
    good, old = imm.keyring.issue(600), imm.keyring.issue(-1)
    assert over(imm, make, keys=AliyunKeys(good.id, good.secret, good.token)).detect(picture(bucket="photos")).labels
    with pytest.raises(Unavailable) as caught:
        over(imm, make, keys=AliyunKeys(old.id, old.secret, old.token)).detect(picture(bucket="photos"))
    assert caught.value.reason == "credentials_expired"


@pytest.mark.parametrize("keys", [AliyunKeys("emulator", "wrong"), AliyunKeys("nobody", "emulator")])
def test_wrong_keys_are_a_setting_to_mend(imm: RunningImm, make: Make, keys: AliyunKeys) -> None:
    with pytest.raises(Misconfigured) as caught:
        over(imm, make, keys=keys).detect(picture(bucket="photos"))
    assert caught.value.reason == "forbidden"


def test_an_unknown_project_is_a_setting_to_mend_and_named(imm: RunningImm, make: Make) -> None:
    with pytest.raises(Misconfigured, match="IMAGELABELS_IMM_PROJECT") as caught:
        over(imm, make, "other").detect(picture(bucket="photos"))
    assert caught.value.reason == "detector_unbound"


def test_a_clock_twenty_minutes_off_is_named(imm: RunningImm, make: Make) -> None:
    with sdk_clock(1200), pytest.raises(Unavailable, match="clock"):
        over(imm, make).detect(picture(bucket="photos"))


def test_a_picture_that_was_removed_meanwhile_is_gone(imm: RunningImm, make: Make) -> None:
    with pytest.raises(Gone):
        over(imm, make).detect(picture("none.jpg", "photos"))


def test_a_bucket_that_the_service_does_not_find_is_a_setting_to_mend(imm: RunningImm, make: Make) -> None:
    with pytest.raises(Misconfigured, match="region"):
        over(imm, make).detect(picture(bucket="nowhere"))
