"""The context of a function of Function Compute."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.emulator.functions.deployed import result, running


def test_context_is_that_of_the_3_10_runtime(tmp_path: Path) -> None:
    source = """
        def handler(event, context):
            c, f, s = context.credentials, context.function, context.service
            return {
                "credentials": [c.access_key_id, c.access_key_secret, len(c.security_token)],
                "camel": c.accessKeyId == c.access_key_id and c.securityToken == c.security_token,
                "function": [f.name, f.handler, f.memory, f.timeout],
                "service": [s.name, s.log_project, s.log_store, s.qualifier, s.version_id],
                "rest": [context.request_id, context.region, context.account_id],
                "logger": hasattr(context, "logger"),
                "tracing": hasattr(context, "tracing"),
            }
        """

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            assert result(await runtime.invoke(b"", "r-1")) == {
                "credentials": ["STS.test", "secret", 16],
                "camel": True,
                "function": ["function", "index.handler", 512, 60.0],
                "service": ["", "", "", "LATEST", ""],
                "rest": ["r-1", "cn-hangzhou", "1000000000000000"],
                "logger": False,
                "tracing": True,
            }

    asyncio.run(scene())


def test_printing_the_context_shows_no_secret(tmp_path: Path) -> None:
    source = "def handler(event, context): return [f'{context} {context.credentials!r}']"

    async def scene() -> None:
        async with running(tmp_path, source) as runtime:
            assert "secret'" not in result(await runtime.invoke(b""))[0]

    asyncio.run(scene())
