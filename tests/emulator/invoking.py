"""A running emulator with deployed functions, and the vendors' unmodified clients that invoke them."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fc2
from alibabacloud_fc20230330.client import Client as Fc3Client
from alibabacloud_fc20230330.models import InvokeFunctionHeaders, InvokeFunctionRequest
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore
from darabonba.runtime import RuntimeOptions
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.scf.v20180416 import models
from tencentcloud.scf.v20180416.scf_client import ScfClient

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.fc.service import FunctionComputeService
from emulator.aliyun.smq.service import SimpleMessageQueueService
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.core.request_log import RequestLog
from emulator.core.server import Server
from emulator.functions import control, running
from emulator.functions.deployment import Deployed
from emulator.functions.function import Function
from emulator.functions.platform import Platform
from emulator.functions.running import Running, RunningFunction
from emulator.functions.url_service import FunctionUrls
from emulator.functions.url_trigger import BODY_SECONDS
from emulator.tencent.scf.service import ScfService
from tests.emulator.functions.deployed import code
from tests.emulator.running import ROOT, RunningServer

FC_SOURCE = """
    import json, os, pathlib, time

    def handler(event, context):
        asked = json.loads(event or b"{}")
        print("seen", asked.get("print", ""))
        if "touch" in asked:
            pathlib.Path(asked["touch"]).touch()
        while "wait" in asked and not os.path.exists(asked["wait"]):
            time.sleep(0.01)
        if "raise" in asked:
            raise ValueError(asked["raise"])
        if "exit" in asked:
            os._exit(asked["exit"])
        if "make" in asked:
            return "x" * asked["make"]
        return {"event": asked, "request_id": context.request_id, "service": context.service.name}
    """


@dataclass
class RunningFunctions(RunningServer):
    """A server whose services invoke functions."""

    keyring: Keyring

    def control(self, path: str) -> Any:
        """Return what a control path shows."""
        return json.loads(self.raw("GET", f"/_emulator/{path}")[2])

    def settle(self, name: str, **counts: int) -> None:
        """Wait until the queue of a function is empty, and check the counts that are named."""
        while (shown := self.control(f"functions/{name}/queue"))["waiting"] or shown["running"]:
            time.sleep(0.01)
        assert {count: shown[count] for count in counts} == counts

    def fc3_client(self, key: Key = ROOT) -> Any:
        """Return the client of FC 3.0."""
        return Fc3Client(
            Config(
                access_key_id=key.id,
                access_key_secret=key.secret,
                security_token=key.token,
                endpoint=self.address,
                protocol="HTTP",
            )
        )

    def close(self) -> None:
        """Close the connections that the clients of FC 3.0 share."""
        for address, session in list(DaraCore._sessions.items()):
            if self.address in address:
                session.close()

    def fc3(self, name: str, event: object, key: Key = ROOT, qualifier: str | None = None, **headers: str) -> Reply:
        """Return the answer that the client of FC 3.0 gets. An event that is not bytes is sent as JSON."""
        answer = self.fc3_client(key).invoke_function_with_options(
            name,
            InvokeFunctionRequest(body=_bytes(event), qualifier=qualifier),
            InvokeFunctionHeaders(**headers),
            RuntimeOptions(),
        )
        return Reply(answer.status_code, answer.headers, answer.body.read())

    def fc2_client(self, key: Key = ROOT) -> Any:
        """Return the client of FC 2.0."""
        return fc2.Client(
            endpoint=self.endpoint, accessKeyID=key.id, accessKeySecret=key.secret, securityToken=key.token or ""
        )

    def fc2(self, service: str, name: str, event: object, key: Key = ROOT, **options: Any) -> Reply:
        """Return the answer that the client of FC 2.0 gets. `options` are those of its `invoke_function`."""
        answer = self.fc2_client(key).invoke_function(service, name, _bytes(event), **options)
        return Reply(0, {name.lower(): value for name, value in answer.headers.items()}, answer.data)

    @contextmanager
    def scf_client(self, key: Key = ROOT) -> Iterator[Any]:
        """Return the client of SCF. Its connections are closed at the end of the block."""
        http = HttpProfile(protocol="http", endpoint=self.address)
        profile = ClientProfile(httpProfile=http)
        client = ScfClient(Credential(key.id, key.secret, key.token), "ap-guangzhou", profile)
        try:
            yield client
        finally:
            client.request.conn._session.close()

    def scf(self, name: str, event: object = None, key: Key = ROOT, **options: str) -> Any:
        """Return the Result of Invoke. `options` are more parameters. An event that is not text is sent as JSON."""
        request = models.InvokeRequest()
        text = event if isinstance(event, str) or event is None else json.dumps(event)
        given = {"FunctionName": name, "ClientContext": text, **options}
        request.from_json_string(json.dumps({name: value for name, value in given.items() if value is not None}))
        with self.scf_client(key) as client:
            return client.Invoke(request).Result


def _bytes(event: object) -> bytes:
    return event if isinstance(event, bytes) else json.dumps(event).encode()


@dataclass(frozen=True)
class Reply:
    """The answer of an invocation. The client of FC 2.0 tells no status. The names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def deployed(
    folder: Path,
    name: str = "label",
    platform: Platform | None = None,
    source: str = FC_SOURCE,
    http: dict[str, object] | None = None,
    **options: Any,
) -> Deployed:
    """Return a function. It is one of Function Compute, unless another platform is given, and has a URL if `http` is.

    `http` has the fields that the URL has in a file that lists functions.
    """
    platform = platform or FunctionCompute()
    function = Function(code=code(folder / f"code-{name}", source), handler="index.handler", name=name, **options)
    return Deployed(platform, function, None, None if http is None else platform.url(function, http))


@contextmanager
def running_functions(
    data: Path,
    *functions: Deployed,
    time_scale: float = 0.0,
    clock: Callable[[], float] = time.time,
    queue_clock: Callable[[], float] = time.time,
    scf_rates: dict[str, float] | None = None,
    body_seconds: float = BODY_SECONDS,
    requests: RequestLog | None = None,
) -> Iterator[RunningFunctions]:
    """Run the functions and the services that invoke them, in a thread, until the end of the block."""
    keyring, started = Keyring(ROOT), Future[tuple[Server, Callable[[], object]]]()

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            called: list[RunningFunction] = []
            how = Running(time_scale=time_scale)
            for each in functions:
                called.append(running.start(each, data, keyring, stack, how, called))
            services = (
                FunctionUrls(called, keyring, clock, body_seconds),
                FunctionComputeService(called, keyring, clock),
                SimpleMessageQueueService(called, keyring, queue_clock, clock),
                ScfService(called, keyring, scf_rates, clock),
            )
            server = Server(services, control=control.routes(called), requests=requests)
            await server.start()
            stack.push_async_callback(server.stop)
            for function in called:
                stack.push_async_callback(function.runtime.stop)
            queues = [asyncio.create_task(function.queue.run()) for function in called]
            started.set_result((server, functools.partial(loop.call_soon_threadsafe, stop.set)))
            await stop.wait()
            for queue in queues:
                queue.cancel()
            await asyncio.gather(*queues, return_exceptions=True)

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=work, name="functions")
    thread.start()
    try:
        server, stop = started.result()
        emulated = RunningFunctions(server, keyring)
        try:
            yield emulated
        finally:
            emulated.close()
            stop()
    finally:
        thread.join()


@contextmanager
def waiting_call(call: Callable[[dict[str, str]], Any], folder: Path) -> Iterator[Callable[[], Any]]:
    """Let a call be under way during the block. The value returns what the call returned, after the block."""
    began, go, replies = folder / "began", folder / "go", []
    event = {"touch": str(began), "wait": str(go)}
    caller = threading.Thread(target=lambda: replies.append(call(event)))
    caller.start()
    try:
        while not began.exists() and caller.is_alive():
            time.sleep(0.01)
        yield lambda: replies[0]
    finally:
        go.touch()
        caller.join()
