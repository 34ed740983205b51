"""Opens what reaches a store's function platforms: what invokes functions, and the queue of their failed events."""

from __future__ import annotations

import os

from imagelabels import clouds, wiring
from imagelabels import settings as all_settings
from imagelabels.domain.errors import Misconfigured
from imagelabels.ports.failed_events import FailedEvents
from imagelabels.ports.invoker import Invoker
from imagelabels.roles import FunctionPlatform


def invoker(scheme: str, through: str | None) -> tuple[FunctionPlatform, Invoker]:
    """Return the function platform of that name for a store's objects, or the first one if no name is given, and what
    invokes its functions with the keys in the environment."""
    all_settings.load(os.environ)  # It refuses a name that is no setting.
    platform = clouds.platform_of(scheme, through)
    _, session = wiring.connected(scheme)
    session.refresh(None, os.environ)
    return platform, platform.open(session)


def failed_events(scheme: str, through: str | None, queue: str) -> FailedEvents:
    """Open the queue of failed events of a store's function platform, with the keys in the environment."""
    all_settings.load(os.environ)  # It refuses a name that is no setting.
    platform = clouds.platform_of(scheme, through)
    if platform.failed_events is None:
        raise Misconfigured(
            f"no command reads the queue of failed events of {platform.name}: leave --queue out. `imagelabels redrive` "
            "finds in the index what is not done, and `imagelabels reconcile --repair` finds what that does not tell"
        )
    _, session = wiring.connected(scheme)
    session.refresh(None, os.environ)
    return platform.failed_events(session, queue)
