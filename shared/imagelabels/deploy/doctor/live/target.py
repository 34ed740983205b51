"""This module says what a look at an account is pointed at, and opens what most of its checks work with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imagelabels import clouds, settings, wiring
from imagelabels.deploy.package.target import CLOUDS
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
    """If this is true, permissions to write are tried: an empty object and a few rows are made and removed again."""


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
    wall: Callable[[], float] = time.time
    """This machine's clock, in seconds since the epoch."""

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.scheme, self.target.bucket, key)

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


def _without_far_policy(values: settings.Settings, cloud: str) -> settings.Settings:
    """Leave a policy file out that is on the platform: the function's settings name it by its path there."""
    path = values.policy_file
    folders = (CLOUDS[cloud].code_folder, CLOUDS[cloud].layer_folder)
    if path is None or path.exists() or not any(path.is_relative_to(folder) for folder in folders):
        return values
    return values.model_copy(update={"policy_file": None})


def opened(provider: clouds.Provider, target: Target, environ: Mapping[str, str]) -> Site:
    """Open a target's store by the settings and keys in the environment. Misconfigured names what is missing there."""
    assert provider.store is not None
    assert provider.connect is not None
    values = _without_far_policy(settings.load(environ), provider.name)
    session = provider.connect(settings.of(provider, environ))
    session.refresh(None, environ)
    detector, asked = wiring.chosen(values, provider.store)
    policy = wiring.rules(values, detector.describe(session, asked).default_threshold)
    objects = session.objects(lambda _: None)
    return Site(target, provider.store.scheme, environ, values, session, objects, detector, policy)
