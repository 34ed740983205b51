"""These tests check the messages for wrong keys and wrong clocks, with real signatures on the emulators."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from emulator.core.parts import Key
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import ObjectStore
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.emulator.running import COS_BUCKET, COS_REGION, REGION, ROOT, Running, running_cos, running_oss

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def oss(folder: Path, stack: ExitStack, key: Callable[[Running], Key], **options: Any) -> tuple[ObjectStore, ObjectRef]:
    running = stack.enter_context(running_oss(folder, **options))
    running.store.create_bucket("photos", "Standard")
    access_key = key(running)
    objects = OssObjects(
        running.endpoint, REGION, AliyunCredentials(AliyunKeys(access_key.id, access_key.secret, access_key.token))
    )
    stack.callback(objects.close)
    return objects, ObjectRef("oss", "photos", "a.jpg")


def cos(folder: Path, stack: ExitStack, key: Callable[[Running], Key], **options: Any) -> tuple[ObjectStore, ObjectRef]:
    running = stack.enter_context(running_cos(folder, **options))
    access_key = key(running)
    keys = TencentCredentials(TencentKeys(access_key.id, access_key.secret, access_key.token))
    objects = CosObjects(CosBuckets(running.endpoint, COS_REGION, {}, keys))
    stack.callback(objects.close)
    return objects, ObjectRef("cos", COS_BUCKET, "a.jpg")


@pytest.mark.parametrize(
    ("key", "reason", "message"),
    [
        (lambda running: running.keyring.issue(-1), "credentials_expired", "temporary credentials have expired"),
        (lambda running: Key("STS.forgotten", "secret", "token"), "credentials_expired", "temporary credentials"),
        (lambda running: Key(ROOT.id, "wrong"), "forbidden", "the secret is not that of"),
        (lambda running: Key("nobody", "wrong"), "forbidden", "there is no such"),
    ],
    ids=["expired", "forgotten", "wrong secret", "wrong id"],
)
@pytest.mark.parametrize("store", [oss, cos])
@pytest.mark.parametrize("call", ["head", "tags"])
def test_keys_that_are_not_right_are_told_alike_by_a_head_and_by_an_answer_with_a_body(
    tmp_path: Path, store: Callable[..., tuple[ObjectStore, ObjectRef]], call: str, key: Any, reason: str, message: str
) -> None:
    with ExitStack() as stack:
        objects, ref = store(tmp_path, stack, key)
        with pytest.raises(LabelingError, match=message) as caught:
            getattr(objects, call)(ref)
    assert caught.value.reason == reason


@pytest.mark.parametrize("ahead", [-1200, 1200])
@pytest.mark.parametrize("store", [oss, cos])
def test_a_clock_twenty_minutes_off_is_no_missing_permission(
    tmp_path: Path, store: Callable[..., tuple[ObjectStore, ObjectRef]], ahead: int
) -> None:
    with ExitStack() as stack:
        objects, ref = store(tmp_path, stack, lambda running: ROOT, clock=lambda: time.time() - ahead)
        if store is cos and ahead < 0:
            assert objects.head(ref).head is None  # the signatures of this SDK last for hours
            return
        with pytest.raises(LabelingError, match="this machine's clock is too far off the store's") as caught:
            objects.head(ref)
    assert caught.value.reason == "store_error"
