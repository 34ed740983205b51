"""A function as it is deployed, and the answer of one invocation."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from emulator.functions.settings import Settings
from emulator.functions.web import WebAnswer

LONGEST = 86_400
"""An invocation may take so many seconds: https://help.aliyun.com/en/functioncompute/fc/product-overview/quotas-and-limits-1,
https://cloud.tencent.com/document/product/583/11637."""
MOST_INSTANCES = 999
"""A function may have so many instances, each of which is a process of this machine."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function as it is deployed.

    `search_paths` stand for layers. `timeout` is in seconds. `memory` is in MB, and a function that uses more is ended.
    """

    code: Path
    handler: str
    search_paths: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 60.0
    memory: int = 512
    interpreter: Path = Path(sys.executable)
    name: str = "function"
    temporary: Path | None = None
    """The folder that stands for /tmp, the one to which a function on the service may write. TMPDIR names it."""
    service: str = ""
    """The service to which the function belongs, on a platform whose functions may belong to one."""
    instances: int | None = None
    """The declared limit of instances. Calls by the vendor's API that come above it are refused, and none is without a
    limit."""
    runtime: str = ""
    """The platform's name of the runtime. A function without a name has the platform's first."""
    command: tuple[str, ...] = ()
    """The program of a custom runtime and its arguments. Only a function of such a runtime has a command."""
    port: int | None = None
    """The program of a custom runtime listens on this port of the machine, else on the one that FC_SERVER_PORT has."""
    settings: Settings = field(default_factory=Settings)
    """What the deployment sets of the function's instances and of its asynchronous invocations."""

    @property
    def custom(self) -> bool:
        """Tell whether the function is a program that serves HTTP, and not a handler."""
        return bool(self.command)

    def __post_init__(self) -> None:
        check_handler(self.handler)
        for folder in (self.code, *self.search_paths):
            if not folder.is_dir():
                raise ValueError(f"code and paths are folders, and {str(folder)!r} is none")
        if not 0 < self.timeout <= LONGEST:
            raise ValueError(f"timeout is more than 0 and at most {LONGEST} seconds, not {shown(self.timeout)}")
        if self.memory < 1:
            raise ValueError(f"the function's memory must be 1 MB or more, not {self.memory}")
        if self.instances is not None and not 1 <= self.instances <= MOST_INSTANCES:
            raise ValueError(f"the function's limit of instances must be 1 to {MOST_INSTANCES}, not {self.instances}")
        if self.service and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,127}", self.service):
            raise ValueError(
                f"the name of a service is up to 128 of letters, digits, - and _, no digit first, not {self.service!r}"
            )
        for name, value in self.environment.items():
            if not name or "=" in name or not can_be_passed(name + value):
                raise ValueError(
                    f"{name!r} cannot be an environment variable: a name has no =, and neither part has a NUL or half"
                    " of a character"
                )


def can_be_passed(text: str) -> bool:
    """Tell whether a program can get the text, as an argument or in its environment."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def shown(number: float) -> str:
    """Return a number as a message shows it. An integer may have hundreds of digits."""
    return str(number)[:20]


def check_handler(handler: str) -> None:
    """Raise ValueError if the text cannot name a handler."""
    file, dot, func = handler.rpartition(".")
    if not (dot and func.isidentifier() and all(part.isidentifier() for part in file.split("/"))):
        raise ValueError(f"the handler {handler!r} is not of the form file.function, as in index.handler")


class Ending(Enum):
    """How an invocation ended."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed out"
    EXITED = "exited"
    OUT_OF_MEMORY = "out of memory"
    NOT_LOADED = "not loaded in time"
    NOT_INITIALIZED = "not initialized"
    EXPIRED = "expired"
    """The event became too old before it could be delivered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one invocation: the function's result, or the error as JSON text if `error_type` is set."""

    request_id: str
    body: bytes
    error_type: str | None = None
    ending: Ending = Ending.RETURNED
    duration: float = 0.0
    """The invocation took so many seconds, the start of the process among them."""
    memory: int = 0
    """The most memory that the process has used so far, in bytes. It is 0 if no process could tell it."""
    log: bytes = b""
    """The last lines that the invocation wrote, if the caller asked for them."""
    web: WebAnswer | None = None
    """The answer of a custom runtime to the request of a client, whose body is `body`."""

    @property
    def reason(self) -> str:
        """The type and the message of the error, such as "ValueError: no such bucket"."""
        try:
            error = json.loads(self.body)
            return f"{error['errorType']}: {error['errorMessage']}"
        except (ValueError, KeyError, TypeError, RecursionError):
            return str(self.error_type)
