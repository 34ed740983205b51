"""Events wait in the queue for an instance: they start no more of them than the deployment allows."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.fc.triggers import OssTriggerRule
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.functions.deployment import Deployed
from emulator.functions.function import Function
from emulator.functions.running import Running, start
from tests.emulator.aliyun.fc.test_triggers import CHANGE
from tests.emulator.functions.deployed import code

SOURCE = """
    import os, pathlib, time
    def handler(event, context):
        with open("began", "a") as began:
            began.write(f"{os.getpid()}\\n")
        while not pathlib.Path("go").exists():
            time.sleep(0.01)
    """


@pytest.mark.parametrize(("instances", "most"), [(1, 1), (3, 3), (None, 2)])
def test_events_of_a_trigger_wait_behind_the_limit_of_instances(
    tmp_path: Path, instances: int | None, most: int
) -> None:
    folder = code(tmp_path / "code", SOURCE)
    function = Function(code=folder, handler="index.handler", name="label", instances=instances)
    rule = OssTriggerRule.parse("photos")

    async def scene() -> None:
        async with AsyncExitStack() as stack:
            deployed = Deployed(FunctionCompute(), function, rule)
            label = start(deployed, tmp_path, Keyring(Key("root", "root")), stack, Running(600.0, 0.0))
            delivering = asyncio.create_task(label.queue.run())
            for number in range(most + 3):
                label.changed(dataclasses.replace(CHANGE, key=f"{number}.jpg"))
            while not (folder / "began").exists() or len((folder / "began").read_text().splitlines()) < most:
                await asyncio.sleep(0.01)
            # All that can run are running now, and each of them waits for the file.
            assert label.queue.counts() == {"waiting": 3, "running": most, "failed": 0, "delivered": 0}
            assert len(label.runtime.state()["processes"]) == most  # type: ignore[arg-type]
            (folder / "go").touch()
            while label.queue.counts()["delivered"] < most + 3:
                await asyncio.sleep(0.01)
            assert label.runtime.cold_starts == most
            delivering.cancel()
            await asyncio.wait([delivering])

    asyncio.run(scene())
    assert len(set((folder / "began").read_text().splitlines())) == most
