"""This module says what a look at an account is pointed at, and opens what most of its checks work with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagelabels import clouds, settings, wiring
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.policy import Policy, Rules
from imagelabels.ports import ObjectStore

SAMPLES = 100
"""At most this many objects are looked at, unless somebody asks for another number."""


@dataclass(frozen=True, slots=True)
class Target:
    """It names what is looked at."""

    bucket: str
    prefix: str = ""
    """Only objects whose keys begin so are looked at."""
    function: str = "imagelabels"
    """The deployed function has this name. If it is empty, nobody looks for a function."""
    samples: int = SAMPLES
    probe: bool = False
    """If this is true, an empty object is made, tagged and removed again."""


@dataclass(frozen=True, slots=True)
class Site:
    """It has the opened store of a target, and the settings that the function would have in this environment."""

    target: Target
    scheme: str
    environ: Mapping[str, str]
    settings: settings.Settings
    session: Any
    objects: ObjectStore
    detector: clouds.Detector
    policy: Policy | Rules

    def unused(self) -> ObjectRef:
        """Name an object below the target's prefix that nobody has."""
        return ObjectRef(self.scheme, self.target.bucket, f"{self.target.prefix}{unused_name()}")

    @property
    def uri(self) -> str:
        return f"{self.scheme}://{self.target.bucket}"

    @property
    def cloud(self) -> str:
        """The name by which commands know the cloud, as aliyun."""
        return clouds.provider_of(self.scheme).name

    @property
    def region(self) -> str:
        return str(self.session.settings.region)

    @property
    def policies(self) -> list[Policy]:
        """All policies that objects may have."""
        if isinstance(self.policy, Policy):
            return [self.policy]
        return [self.policy.default, *(policy for _, policy in self.policy.by_prefix)]


def unused_name() -> str:
    """Make a name that nobody has given to anything, and that says who uses it."""
    return f"imagelabels-doctor-{secrets.token_hex(16)}"


def opened(provider: clouds.Provider, target: Target, environ: Mapping[str, str]) -> Site:
    """Open a target's store by the settings and keys in the environment. Misconfigured names what is missing there."""
    assert provider.store is not None
    assert provider.connect is not None
    values = settings.load(environ)
    session = provider.connect(settings.of(provider, environ))
    session.refresh(None, environ)
    detector, asked = wiring.chosen(values, provider.store)
    policy = wiring.rules(values, detector.describe(session, asked).default_threshold)
    objects = session.objects(lambda _: None)
    return Site(target, provider.store.scheme, environ, values, session, objects, detector, policy)
