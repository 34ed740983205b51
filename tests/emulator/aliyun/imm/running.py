"""A running endpoint of IMM over OSS, and the vendor's unmodified client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from alibabacloud_imm20200930.client import Client
from alibabacloud_imm20200930.models import DetectImageLabelsRequest
from alibabacloud_tea_openapi import utils
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore

from emulator.aliyun.imm.service import ImmService
from emulator.aliyun.oss.service import OssService
from emulator.core.keyring import Keyring
from emulator.core.parts import Detect, Key
from emulator.core.server import Server
from emulator.objectstore.store import ObjectStore
from tests.emulator.running import ROOT, Running

PROJECT = "imagelabels"
DOG = {
    "LabelId": "dog",
    "LabelName": "狗",
    "LabelConfidence": 0.94,
    "CentricScore": 0.8,
    "LabelLevel": 2,
    "ParentLabelName": "哺乳动物",
    "Language": "zh-Hans",
}
CAT = DOG | {"LabelId": "cat", "LabelName": "猫", "LabelConfidence": 0.3}


@dataclass
class Detector:
    """A detector that gives the answer of a test, and keeps the pictures that it gets."""

    answer: dict[str, object] = field(default_factory=lambda: {"labels": [DOG, CAT]})
    seen: list[bytes] = field(default_factory=list)

    async def __call__(self, path: Path) -> dict[str, object]:
        self.seen.append(path.read_bytes())
        return self.answer


@dataclass
class RunningImm(Running):
    """A running endpoint of IMM. The bucket `photos` exists."""

    def imm(self, key: Key = ROOT) -> Any:
        """Return the vendor's client, which signs with that key."""
        client = Client(
            Config(
                access_key_id=key.id,
                access_key_secret=key.secret,
                security_token=key.token,
                endpoint=self.address,
                protocol="HTTP",
            )
        )
        self.stack.callback(self._close_sessions)
        return client

    def labels(self, uri: str = "oss://photos/a.jpg", key: Key = ROOT, project: str = PROJECT, **more: Any) -> Any:
        """Return the body of the answer that the SDK gets."""
        request = DetectImageLabelsRequest(project_name=project, source_uri=uri, **more)
        return self.imm(key).detect_image_labels(request).body

    def _close_sessions(self) -> None:
        for name, session in DaraCore._sessions.items():
            if self.address in name:
                session.close()


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[int, str, str]:
    """Return the status, code and message with which a call of the SDK fails."""
    with pytest.raises(AlibabaCloudException) as caught:
        call(*args, **kwargs)
    return caught.value.status_code, caught.value.code, caught.value.data["Message"]


@contextmanager
def sdk_clock(offset: float) -> Iterator[None]:
    """Let the SDK sign as if it were `offset` seconds later, while the server's clock stays right."""

    class Ahead(datetime):
        @classmethod
        def utcnow(cls) -> Ahead:
            return cls.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=offset)

    with patch.object(utils, "datetime", Ahead):
        yield


@contextmanager
def running_imm(data: Path, detect: Detect | None = None, **options: Any) -> Iterator[RunningImm]:
    """Run IMM and OSS over the folder `data`, on a free port, until the end of the block."""
    with ExitStack() as stack:
        store = ObjectStore(data)
        stack.callback(store.close)
        store.create_bucket("photos")
        keyring = Keyring(ROOT)
        service = ImmService(store, keyring, detect, PROJECT, **options)
        server = Server([service, OssService(store, keyring, detect)])
        stack.enter_context(server.running())
        yield RunningImm(server, store, keyring, stack)
