"""What clients may change of a function while it runs, by the vendor's API: its limit of instances, and what becomes of
its asynchronous invocations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.functions.deployment import Deployed
from emulator.functions.kept_settings import KeptSettings
from emulator.functions.queue import Queue
from emulator.functions.runtime import Runtime
from emulator.functions.settings import Asynchronous

INSTANCES, ASYNCHRONOUS = "instances", "asynchronous"


@dataclass(slots=True)
class Policy:
    """It holds what is in force for asynchronous invocations."""

    current: Asynchronous


@dataclass(frozen=True, slots=True)
class Changing:
    """Changes a function that runs, and keeps the changes."""

    deployed: Deployed
    kept: KeptSettings
    queue: Queue
    runtime: Runtime
    policy: Policy

    def resume(self) -> None:
        """Put in force, before the function runs, what clients changed while an earlier emulator ran."""
        kept, limit = self.asynchronous(), self.kept.get(INSTANCES)
        self._put_in_force(policy_of(self.deployed, None if kept is None else kept["fields"]))
        if limit is not None:
            self.runtime.begin_with(limit["number"])
            self.queue.resize(self.runtime.concurrency)

    def instances(self) -> dict[str, Any] | None:
        """Return the limit that a client has set, or that the deployment declares, as `number`."""
        declared = self.deployed.function.instances
        return self.kept.get(INSTANCES) or (None if declared is None else {"number": declared})

    async def limit(self, instances: int | None, **more: Any) -> None:
        """Set the limit of instances, and keep it with what else the platform tells of it; None takes it away."""
        if instances is None:
            self.kept.delete(INSTANCES)
        else:
            self.kept.put(INSTANCES, {"number": instances, **more})
        await self.runtime.limit(instances)
        self.queue.resize(self.runtime.concurrency)

    def asynchronous(self) -> dict[str, Any] | None:
        """Return what a client has set, as it was kept."""
        return self.kept.get(ASYNCHRONOUS)

    def treat(self, fields: Mapping[str, Any] | None, **more: Any) -> None:
        """Set what becomes of asynchronous invocations, by the vendor's fields; None takes it back to the deployment.

        ValueError says what is wrong with the fields.
        """
        policy = policy_of(self.deployed, fields)
        if fields is None:
            self.kept.delete(ASYNCHRONOUS)
        else:
            self.kept.put(ASYNCHRONOUS, {"fields": dict(fields), **more})
        self._put_in_force(policy)

    def _put_in_force(self, policy: Asynchronous) -> None:
        self.policy.current = policy
        self.queue.change(policy.retries, policy.age, policy.tasks)


def policy_of(deployed: Deployed, fields: Mapping[str, Any] | None) -> Asynchronous:
    """Return what is in force with these fields of a client, or without any."""
    platform = deployed.platform
    settings = deployed.function.settings if fields is None else platform.settings(fields)
    return settings.asynchronous or Asynchronous(platform.retries, tasks=platform.tasks)
