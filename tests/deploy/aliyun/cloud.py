"""The cloud that a deployment is tried on: ROS from control_plane.py, and OSS and IMM from the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oss2

from emulator.aliyun.imm.service import ImmService
from emulator.aliyun.oss.service import OssService
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.core.server import Server
from emulator.objectstore.store import ObjectStore
from tests.deploy.aliyun.control_plane import ControlPlane, serving

KEY = Key("LTAIexample", "a-secret-that-nobody-prints")
GIVEN = {
    "Region": "cn-hangzhou",
    "BucketName": "my-photos",
    "CodeBucket": "my-packages",
    "InstanceName": "my-labels",
}
NAMES = [f"imagelabels-aliyun-python3.10-{detector}-tablestore" for detector in ("imm", "oss")]


@dataclass
class Cloud:
    """A running cloud with a bucket of pictures and one of packages."""

    plane: ControlPlane
    imm: ImmService
    store: ObjectStore
    keyring: Keyring
    address: str
    """Here OSS and IMM answer."""
    ros: str
    """Here ROS answers."""

    @property
    def environ(self) -> dict[str, str]:
        """The environment that reaches this cloud with its key."""
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY.secret,
            "IMAGELABELS_ENDPOINT_OSS": self.address,
            "IMAGELABELS_ENDPOINT_IMM": self.address,
            "IMAGELABELS_ENDPOINT_TABLESTORE": self.address,
        }

    def bucket(self, name: str = "my-packages") -> Any:
        return oss2.Bucket(oss2.make_auth(KEY.id, KEY.secret, "v1"), self.address, name)

    def keys(self, name: str = "my-packages") -> list[str]:
        """The keys in a bucket."""
        return [entry.key for entry in self.store.scan(name, b"", b"", 1000)]


@contextmanager
def running(data: Path) -> Iterator[Cloud]:
    """Run the cloud over the folder `data`, until the end of the block."""
    with ExitStack() as stack:
        store, keyring, plane = ObjectStore(data), Keyring(KEY), ControlPlane()
        stack.callback(store.close)
        for name in ("my-photos", "my-packages"):
            store.create_bucket(name)
        imm = ImmService(store, keyring)
        server = Server([imm, OssService(store, keyring)])
        stack.enter_context(server.running())
        ros = stack.enter_context(serving(plane, keyring))
        yield Cloud(plane, imm, store, keyring, f"http://127.0.0.1:{server.port}", ros)


def packages(folder: Path, content: str = "1") -> Path:
    """Write archives as `imagelabels package` names them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        for part in ("code", "layer"):
            (folder / f"{name}-{part}.zip").write_bytes(f"{part} {name} {content}".encode())
    return folder
