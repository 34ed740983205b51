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


def test_context_of_the_3_12_runtime_has_no_credentials_and_no_service(tmp_path: Path) -> None:
    source = """
        import os

        def handler(event, context):
            f, before = context.function, context.logger
            logger = context.getLogger()
            return {
                "function": [f.name, f.handler, f.memory, f.timeout, f.version_id, f.qualifier],
                "rest": [context.request_id, context.region, context.account_id],
                "log": [context.log_project, context.log_store],
                "missing": [name for name in ("credentials", "service", "tracing") if not hasattr(context, name)],
                "logger": [before, logger is context.logger, hasattr(logger, "info")],
                "environment": [os.environ["FC_RUNTIME"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]],
            }
        """

    async def scene() -> None:
        async with running(tmp_path, source, runtime="python3.12") as runtime:
            assert result(await runtime.invoke(b"", "r-1")) == {
                "function": ["function", "index.handler", 512, 60.0, "", "LATEST"],
                "rest": ["r-1", "cn-hangzhou", "1000000000000000"],
                "log": ["", ""],
                "missing": ["credentials", "service", "tracing"],
                "logger": [None, True, True],
                "environment": ["python3.12", "STS.test"],
            }

    asyncio.run(scene())
