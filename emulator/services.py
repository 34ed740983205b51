"""The services and the function platforms of the emulator. A new one is a folder of its own and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from emulator.aliyun.fc import door as fc
from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.imm import door as imm
from emulator.aliyun.oss import door as oss
from emulator.aliyun.smq import door as smq
from emulator.aliyun.tablestore import door as tablestore
from emulator.core.startup import ServiceDoor, Surroundings
from emulator.functions import url_door as function_urls
from emulator.functions.platform import Platform
from emulator.objectstore.store import ObjectStore
from emulator.tencent.cos import door as cos
from emulator.tencent.scf import door as scf
from emulator.tencent.scf.platform import ServerlessCloudFunction

# The order counts where requests come to an address of this machine. The URLs of functions are first: their requests
# may have any headers, and their host names and paths are no others'. FC is before IMM: both are signed alike, and FC
# knows its own by their paths. OSS is the last: it takes every request that no other service recognises, since nothing
# but its signature tells a path of OSS from any other path.
SERVICES: tuple[ServiceDoor, ...] = (
    function_urls,
    tablestore,
    fc,
    imm,
    smq,
    scf,
    cos,
    oss,
)
OPERATIONS = frozenset(operation for door in SERVICES for operation in door.OPERATIONS)
"""The operations that may go wrong on demand."""
STORES: Mapping[str, Callable[[Surroundings], ObjectStore]] = {"aliyun": oss.store, "tencent": cos.store}
"""The object store of each cloud."""
PLATFORMS: Sequence[Platform] = (
    FunctionCompute(),
    ServerlessCloudFunction(),
)
