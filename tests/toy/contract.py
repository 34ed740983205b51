"""What the toy cloud and the toy index show to the contract suites."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from imagelabels import clouds, settings, wiring
from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.ports import LabelIndex, Ledger
from tests.contract.world import BUCKET, InvokerWorld, StoreWorld
from tests.invoking import FakeInvoker, answer
from tests.toy import cloud, index
from tests.toy.cloud.room import room


@contextmanager
def _world(folder: Path) -> Iterator[StoreWorld]:
    environ = {"IMAGELABELS_TOY_ROOM": "contract", "TOY_KEY": "key"}
    room.cache_clear()
    with clouds.registered([cloud.PROVIDER]):
        provider = clouds.provider_of("toy")
        assert provider.connect is not None
        session = provider.connect(settings.of(provider, environ))
        user = room("contract")

        def ref(key: str) -> ObjectRef:
            return ObjectRef("toy", BUCKET, key)

        def tag(key: str, tags: Tags) -> None:
            user.there[ref(key).uri].tags = dict(tags)

        yield StoreWorld(
            session.objects(lambda _: None),
            lambda key, data: user.put(ref(key), data),
            tag,
            lambda key: user.delete(ref(key)),
            lambda: user.clock.store,
            "toy",
        )


@contextmanager
def _index(folder: Path) -> Iterator[tuple[Ledger, LabelIndex]]:
    from tests.toy.index.shelf import shelf

    shelf.cache_clear()
    with clouds.registered(indexes=[index.INDEX]):
        opened = wiring.index("shelf://contract", {})
        yield opened.ledger(), opened.label_index()


@contextmanager
def _ledger(folder: Path) -> Iterator[Ledger]:
    with _index(folder) as (ledger, _):
        yield ledger


@contextmanager
def _invoker(folder: Path) -> Iterator[InvokerWorld]:
    functions = {"label": answer, "limited": answer, "tasks": answer}
    opened, opened_without = FakeInvoker(functions), FakeInvoker(functions, secret="another")
    busy = opened.all_instances_busy
    yield InvokerWorld(
        opened,
        opened_without,
        "label",
        "limited",
        "nobody",
        lambda: busy("limited"),
        "tasks",
        nullcontext,
        opened.run_the_queue,
    )


WORLDS = {"toy": _world}
LEDGERS = {"toy": _ledger}
INDEXES = {"toy": _index}
INVOKERS = {"toy": _invoker}
