"""The vendor's SDK binds buckets to the project."""

from __future__ import annotations

import pytest
from alibabacloud_imm20200930.models import (
    AttachOSSBucketRequest,
    DetachOSSBucketRequest,
    GetOSSBucketAttachmentRequest,
)

from tests.emulator.aliyun.imm.running import PROJECT, RunningImm, refused

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_a_bucket_is_bound_until_it_is_detached(imm: RunningImm) -> None:
    client = imm.imm()
    client.attach_ossbucket(AttachOSSBucketRequest("our photos", "photos", PROJECT))
    shown = client.get_ossbucket_attachment(GetOSSBucketAttachmentRequest("photos")).body
    assert (shown.project_name, shown.description) == (PROJECT, "our photos")
    assert shown.create_time.endswith("+00:00")
    client.detach_ossbucket(DetachOSSBucketRequest("photos"))
    answer = refused(client.get_ossbucket_attachment, GetOSSBucketAttachmentRequest("photos"))
    assert answer[:2] == (400, "ResourceNotFound")


def test_a_bucket_is_bound_once(imm: RunningImm) -> None:
    client = imm.imm()
    client.attach_ossbucket(AttachOSSBucketRequest(None, "photos", PROJECT))
    again = refused(client.attach_ossbucket, AttachOSSBucketRequest(None, "photos", PROJECT))
    assert again[:2] == (400, "ResourceAlreadyExists")


def test_what_is_not_there_is_not_bound(imm: RunningImm) -> None:
    client = imm.imm()
    absent = refused(client.attach_ossbucket, AttachOSSBucketRequest(None, "absent", PROJECT))
    assert absent[1] == "NoSuchBucket"
    foreign = refused(client.attach_ossbucket, AttachOSSBucketRequest(None, "photos", "another"))
    assert foreign[1] == "ResourceNotFound.Project"
    unnamed = refused(client.attach_ossbucket, AttachOSSBucketRequest(None, "photos", None))
    assert unnamed[1:] == ("InvalidArgument", "The parameter ProjectName is required but not provided.")
    long = refused(client.attach_ossbucket, AttachOSSBucketRequest("d" * 129, "photos", PROJECT))
    assert long[1] == "InvalidArgument"
