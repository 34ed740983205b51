"""DetectImageLabels: what the detector gets, what becomes of its answer, and what is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from alibabacloud_imm20200930.models import CredentialConfig, GetProjectRequest, ListProjectsRequest

from emulator.aliyun.imm import errors
from tests.emulator.aliyun.imm.running import Detector, RunningImm, refused, running_imm, sdk_clock
from tests.emulator.aliyun.imm.test_auth import by_hand

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def names(imm: RunningImm, threshold: float | None = None) -> list[str]:
    return [label.label_name for label in imm.labels(threshold=threshold).labels]


def test_the_answer_has_the_service_s_fields_of_the_picture_s_bytes(imm: RunningImm, detector: Detector) -> None:
    body = imm.labels(credential_config=CredentialConfig(service_role="reader"))
    assert detector.seen == [b"picture"]
    assert len(body.request_id) == 36
    (dog,) = (label.to_map() for label in body.labels)
    assert dog == {
        "CentricScore": 0.8,
        "Clips": [],  # this is the SDK's own
        "Language": "zh-Hans",
        "LabelConfidence": 0.94,
        "LabelLevel": 2,
        "LabelName": "狗",
        "ParentLabelName": "哺乳动物",
    }


def test_labels_below_the_threshold_are_left_out(imm: RunningImm) -> None:
    assert names(imm) == ["狗"]
    assert names(imm, 0.0) == names(imm, 0.3) == ["狗", "猫"]
    assert names(imm, 0.31) == ["狗"]
    assert names(imm, 1.0) == []


@pytest.mark.parametrize("threshold", [1.01, 70, -0.1, float("nan")])
def test_a_threshold_that_is_none_is_refused_before_the_detector_is_asked(
    imm: RunningImm, detector: Detector, threshold: float
) -> None:
    assert refused(imm.labels, threshold=threshold)[:2] == (400, "InvalidArgument")
    assert detector.seen == []


def test_another_project_is_refused_and_a_missing_one_named(imm: RunningImm) -> None:
    assert refused(imm.labels, project="other")[:2] == (404, "ResourceNotFound.Project")
    assert refused(imm.labels, project=None) == (
        400,
        "InvalidArgument",
        "The parameter ProjectName is required but not provided.",
    )


@pytest.mark.parametrize(
    ("uri", "status", "code"),
    [
        ("oss://photos/none.jpg", 404, "NoSuchKey"),
        ("oss://nowhere/a.jpg", 404, "NoSuchBucket"),
        ("oss://photos/a", 400, "UnsupportedImageFormat"),
        ("oss://photos/a.gif", 400, "UnsupportedImageFormat"),
        ("oss://photos/", 400, "InvalidArgument"),
        ("https://photos/a.jpg", 400, "InvalidArgument"),
        (None, 400, "InvalidArgument"),
    ],
)
def test_a_source_that_is_none_is_refused(imm: RunningImm, uri: str, status: int, code: str) -> None:
    imm.bucket().put_object("a", b"picture")
    imm.bucket().put_object("a.gif", b"picture")
    assert refused(imm.labels, uri)[:2] == (status, code)


def test_extensions_count_in_any_case(imm: RunningImm) -> None:
    imm.bucket().put_object("A.JPEG", b"picture")
    assert imm.labels("oss://photos/A.JPEG").labels


def test_an_archived_object_is_refused(imm: RunningImm) -> None:
    imm.bucket().put_object("cold.jpg", b"x", headers={"x-oss-storage-class": "Archive"})
    assert refused(imm.labels, "oss://photos/cold.jpg")[:2] == (403, "InvalidObjectState")


def test_a_file_over_20_mb_is_refused_without_asking(imm: RunningImm, detector: Detector) -> None:
    limit = 20 * 1024 * 1024
    imm.bucket().put_object("a.jpg", b"\0" * limit)
    assert imm.labels().labels
    imm.bucket().put_object("a.jpg", b"\0" * (limit + 1))
    assert refused(imm.labels)[:2] == (400, "ImageTooLarge")
    assert len(detector.seen) == 1


@pytest.mark.parametrize("reason", [*errors.UNLABELLED.by_reason, "corrupt", "something_new"])
def test_a_picture_that_cannot_be_labelled_is_refused_by_its_reason(
    imm: RunningImm, detector: Detector, reason: str
) -> None:
    detector.answer = {"error": {"reason": reason, "message": "/secret/path: no"}}
    status, code, message = refused(imm.labels)
    assert (status, code) == (400, errors.UNLABELLED.by_reason.get(reason, errors.UNLABELLED.unknown)[0])
    assert "/secret/path" not in message


def test_a_detector_that_says_neither_is_an_internal_error(imm: RunningImm, detector: Detector) -> None:
    detector.answer = {}
    assert refused(imm.labels)[:2] == (500, "InternalError")


def test_a_request_too_many_within_a_second_is_refused_and_the_next_second_takes_it(tmp_path: Path) -> None:
    now = [1_000_000.5]
    with running_imm(tmp_path, Detector(), rate=2, clock=lambda: now[0]) as imm:
        imm.bucket().put_object("a.jpg", b"picture")
        with sdk_clock(now[0] - time.time()):
            assert imm.labels().labels
            assert imm.labels().labels
            assert refused(imm.labels)[:2] == (429, "Throttling.User")
            now[0] += 0.6
            assert imm.labels().labels


def test_the_project_is_described_and_no_other(imm: RunningImm) -> None:
    found = imm.imm().get_project(GetProjectRequest(project_name="imagelabels")).body.project
    assert (found.project_name, found.project_queries_per_second) == ("imagelabels", 100)
    absent = refused(imm.imm().get_project, GetProjectRequest(project_name="other"))
    assert absent[:2] == (404, "ResourceNotFound.Project")


def test_other_operations_are_not_pretended(imm: RunningImm) -> None:
    found = refused(imm.imm().list_projects, ListProjectsRequest())
    assert found[:2] == (404, "InvalidAction.NotFound")
    assert "ListProjects" in found[2]


@pytest.mark.parametrize("path", ["/2023-03-30/functions/label/invocations", "/photos"])
def test_other_services_of_the_vendor_are_refused_by_the_path_asked_for(imm: RunningImm, path: str) -> None:
    status, _, body = imm.raw("POST", path, {"Authorization": "ACS3-HMAC-SHA256 x", "x-acs-action": "InvokeFunction"})
    assert (status, json.loads(body)["Code"]) == (404, "InvalidAction.NotFound")
    assert path in json.loads(body)["Message"]


def test_a_parameter_that_is_not_known_is_refused_by_name(imm: RunningImm) -> None:
    asked = "ProjectName=imagelabels&Sensitivity=high&SourceURI=oss%3A%2F%2Fphotos%2Fa.jpg"
    assert by_hand(imm, asked=asked) == (400, "InvalidArgument")


def test_a_body_of_2_mb_is_refused(imm: RunningImm) -> None:
    status, _, body = imm.raw("POST", "/", {"x-acs-action": "DetectImageLabels"}, bytes(2 * 1024 * 1024))
    assert (status, json.loads(body)["Code"]) == (413, "RequestEntityTooLarge")


def test_calls_are_counted_by_their_operation(imm: RunningImm) -> None:
    imm.labels()
    refused(imm.labels, project="other")
    assert json.loads(imm.raw("GET", "/_emulator/calls")[2])["IMM DetectImageLabels"] == 2


def test_an_error_has_the_documented_form(imm: RunningImm) -> None:
    status, headers, body = imm.raw("POST", "/", {"x-acs-action": "DetectImageLabels"})
    assert status == 400
    assert headers["Content-Type"] == "application/json;charset=utf-8"
    told = json.loads(body)
    assert set(told) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert told["RequestId"] == headers["x-acs-request-id"]
