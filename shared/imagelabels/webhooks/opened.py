"""Opens what the work for webhooks needs, by the settings in the environment."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from imagelabels import clouds, logs, opening
from imagelabels import settings as all_settings
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.moments import now
from imagelabels.domain.webhooks import host_of
from imagelabels.usecases.gallery import Gallery
from imagelabels.usecases.hook_run import AT_ONCE, Turn, run
from imagelabels.usecases.hook_tools import HookTools
from imagelabels.webhooks.sending import HttpReceivers

SPARE = 30.0
"""No turn goes on in the last seconds of a run: a message may be under way, and calls of the index may be slow."""


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function that a timer starts: one per instance."""

    tools: HookTools

    def deliver(self, request_id: str, deadline: float) -> dict[str, Any]:
        """Send what there is to send until shortly before a moment of time.monotonic(), log a line for each webhook,
        and return the sums."""
        sums = {"turns": 0, "queued": 0, "delivered": 0, "failed": 0, "errors": 0}

        def tell(turn: Turn) -> None:
            fields = turn_fields(turn)
            logs.webhook(request_id, fields)
            sums["turns"] += 1
            sums["errors"] += turn.error is not None
            for name in ("queued", "delivered", "failed"):
                sums[name] += fields[name]

        with ThreadPoolExecutor(AT_ONCE, "webhook") as executor:
            run(self.tools, deadline - SPARE, executor, tell)
        return sums


def turn_fields(turn: Turn) -> dict[str, Any]:
    """Return what the log says of a turn. The address may hold a secret, so only its host is told."""
    worked, hook = turn.worked, turn.worked.hook if turn.worked is not None else turn.hook
    return {
        "webhook": hook.id,
        "album": hook.album,
        "host": host_of(hook.url),
        "webhook_state": hook.state,
        "queued": worked.queued if worked is not None else 0,
        "delivered": worked.delivered if worked is not None else 0,
        "failed": worked.failed if worked is not None else 0,
        "detail": str(turn.error) if turn.error is not None else hook.why,
    }


def function(scheme: str | None = None, brought: Any = None) -> Function:
    """Return the deployed function, one for each instance, with the keys of now.

    `brought` is what the event brought for the cloud of that store. Without a store, the keys of the index are in the
    environment.
    """
    built, session = _built(scheme)
    if session is not None:
        session.refresh(brought, os.environ)
    return built


@cache
def _built(scheme: str | None) -> tuple[Function, clouds.Session | None]:
    begun, session = time.monotonic(), _session(scheme) if scheme is not None else None
    built = Function(tools(session=session))
    took = logs.starting(begun, begun, time.monotonic(), logs.process_age())
    logs.start(all_settings.load(os.environ).log_level, clouds.sdk_modules(), took)
    return built, session


def _session(scheme: str) -> clouds.Session:
    provider = clouds.provider_of(scheme)
    if provider.connect is None:
        raise Misconfigured(f"no function reads {scheme}://")
    return provider.connect(all_settings.of(provider, os.environ))


def tools(url: str | None = None, session: clouds.Session | None = None) -> HookTools:
    """Open the index behind a URL, or behind IMAGELABELS_INDEX. A function's `session` brings the keys."""
    settings = all_settings.load(os.environ)
    index = opening.index(url or settings.index, os.environ, session)
    label_index = index.label_index()  # Unlike a ledger, it makes no new file.
    gallery = Gallery(label_index, index.ledger(), opening.words(settings))
    receivers = HttpReceivers(settings.webhook_receivers == "any")
    kept = index.webhooks()
    return HookTools(gallery, index.albums(), index.changes(), kept, receivers, now, time.monotonic, random.random)
