"""Webhooks in memory, with the same promises as the real adapters, and receivers that do as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imagelabels.domain.albums import Changed
from imagelabels.domain.errors import Damaged
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.ports.receivers import SendResult
from imagelabels.ports.webhooks import Told, Webhooks


class FakeHooks:
    """Webhooks in a dictionary."""

    def __init__(self) -> None:
        self.there: dict[str, Hook] = {}
        self.damaged: set[str] = set()

    def get(self, hook_id: str) -> Hook | None:
        if hook_id in self.damaged:
            raise Damaged(f"the webhook {hook_id!r} in the index is damaged")
        return self.there.get(hook_id)

    def list(self, after: str = "", limit: int = 100) -> tuple[Hook, ...]:
        readable = sorted(self.there.keys() - self.damaged)
        return tuple(self.there[name] for name in readable if name > after)[:limit]

    def put(self, hook: Hook, expected_version: int | None = None) -> None:
        there = self.there.get(hook.id)
        if (there.version if there is not None else None) != expected_version:
            raise Changed(hook.id)
        self.there[hook.id] = hook

    def delete(self, hook_id: str) -> None:
        self.there.pop(hook_id, None)
        self.damaged.discard(hook_id)


class FakeOutbox:
    """Deliveries in a dictionary."""

    def __init__(self) -> None:
        self.there: dict[tuple[str, str, int], Delivery] = {}

    def add(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            self.there.setdefault((one.hook, *one.key), one)

    def list(self, hook_id: str, limit: int) -> tuple[Delivery, ...]:
        return tuple(self.there[key] for key in sorted(self.there) if key[0] == hook_id)[:limit]

    def write(self, delivery: Delivery) -> None:
        key = (delivery.hook, *delivery.key)
        self.there[key] = delivery

    def remove(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            self.there.pop((one.hook, *one.key), None)


class FakeKnown:
    """What receivers know, in a dictionary."""

    def __init__(self) -> None:
        self.there: dict[tuple[str, str], Told] = {}

    def numbers(self, hook_id: str, pictures: Sequence[str]) -> Mapping[str, int]:
        return {name: self.there[hook_id, name].number for name in pictures if (hook_id, name) in self.there}

    def note(self, hook_id: str, told: Iterable[Told]) -> None:
        for one in told:
            there = self.there.get((hook_id, one.picture))
            if there is None or there.number < one.number:
                self.there[hook_id, one.picture] = one

    def list(self, hook_id: str, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        keys = sorted(key for key in self.there if key[0] == hook_id and key[1] > after)
        return tuple(self.there[key] for key in keys[:limit])

    def forget(self, hook_id: str, pictures: Sequence[str]) -> None:
        for picture in pictures:
            self.there.pop((hook_id, picture), None)


def fake_webhooks() -> Webhooks:
    return Webhooks(FakeHooks(), FakeOutbox(), FakeKnown())


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it reached a receiver."""

    url: str
    secrets: tuple[str, ...]
    id: str
    body: str

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    @property
    def short(self) -> tuple[str, str]:
        """What happened to which picture, in few words."""
        return self.message["type"].rpartition(".")[2], self.message["data"]["uri"]


OK, BROKEN = SendResult(200, "the receiver answered 200"), SendResult(500, "the receiver answered 500")


@dataclass
class FakeReceivers:
    """Notes what is sent, and answers by the address: 200 unless told otherwise."""

    answers: dict[str, SendResult | Callable[[Sent], SendResult]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def send(self, url: str, secrets: Sequence[str], message_id: str, body: str) -> SendResult:
        sent = Sent(url, tuple(secrets), message_id, body)
        self.sent.append(sent)
        answer = self.answers.get(url, OK)
        return answer if isinstance(answer, SendResult) else answer(sent)
