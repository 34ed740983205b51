"""What a user, a batch job or a person at the command line does to the small world, one step after the other."""

from __future__ import annotations

from typing import NamedTuple

from tests.explorer.tree import Node
from tests.explorer.values import KEYS, TagPairs, of_user
from tests.explorer.world import Due, Stored, World, changed


class Step(NamedTuple):
    """One step."""

    what: str
    key: int = 0
    content: str = ""
    tags: TagPairs = ()
    to: int = 0
    limit: int | None = None
    copies: int = 1
    """How often the event of this step is delivered."""

    def __str__(self) -> str:
        words = [self.what, KEYS[self.key], self.content, *(f"{key}={value}" for key, value in self.tags)]
        if self.what == "copy":
            words.append(f"to {KEYS[self.to]}")
        return " ".join(filter(None, words))


def put(key: str, content: str, copies: int = 1, /, **tags: str) -> Step:
    return Step("put", KEYS.index(key), content, tuple(sorted(tags.items())), copies=copies)


def delete(key: str, copies: int = 1) -> Step:
    return Step("delete", KEYS.index(key), copies=copies)


def copy(key: str, to: str) -> Step:
    """The store copies an object with its tags, ours among them."""
    return Step("copy", KEYS.index(key), to=KEYS.index(to))


def tag(key: str, **tags: str) -> Step:
    """The user sets tags and leaves the others."""
    return Step("tag", KEYS.index(key), tags=tuple(sorted(tags.items())))


def batch(**tags: str) -> Step:
    """A batch job of the vendor adds tags to all objects, one after the other."""
    return Step("batch", tags=tuple(sorted(tags.items())))


def back(key: str) -> Step:
    """The newest version is removed, and the one before shows again."""
    return Step("back", KEYS.index(key))


def redeliver(key: str) -> Step:
    """An old event is delivered once more."""
    return Step("event", KEYS.index(key))


def command(what: str, key: str) -> Step:
    """A person undoes, relabels or corrects."""
    return Step(what, KEYS.index(key))


def raise_limit(key: str, limit: int) -> Step:
    """A person raises the budget, and what was parked for it is delivered again."""
    return Step("raise", KEYS.index(key), limit=limit)


class Manners(NamedTuple):
    """How the store treats objects in a scenario."""

    strict: bool = True
    """Each upload has its own time of change. Otherwise uploads within one second of the clock share one."""
    versions: bool = False


def done(world: World, step: Step, manners: Manners) -> World:
    """Return the world after the user's next step."""
    number = world.step * 4
    world = _ACTS[step.what](world, step, manners)._replace(step=world.step + 1)
    if step.what in ("tag", "batch"):
        return world
    key = step.to if step.what == "copy" else step.key
    what = step.what if step.what in ("undo", "relabel", "correct") else "reconcile"
    due = (Due(key, what, number + copy, 0) for copy in range(step.copies))
    return world._replace(due=tuple(sorted((*world.due, *due))))


def _put(world: World, step: Step, manners: Manners) -> World:
    return _placed(world, step.key, step.content, step.tags, manners)


def _placed(world: World, key: int, content: str, tags: TagPairs, manners: Manners) -> World:
    modified = int(world.now) - 1000 + world.puts if manners.strict else int(world.now)
    new = Stored(content, modified, f"v{world.puts}" if manners.versions else None, tags)
    versions = (*world.objects[key], new) if manners.versions else (new,)
    world = world._replace(objects=changed(world.objects, key, versions), puts=world.puts + 1)
    return _written(_moved(world, key, content), key, tags)


def _moved(world: World, key: int, content: str) -> World:
    """Another object is there now. If it has the content that a person spoke of, this may hold for it or not."""
    is_same = world.said[key] == content
    return world._replace(said=changed(world.said, key, "perhaps" if is_same else world.said[key]))


def _written(world: World, key: int, tags: TagPairs) -> World:
    """Note the user's tags, and whether the write fell within the stated round trip."""
    at_risk = any(_may_overwrite(node, key, world.now) for node in world.workers)
    at_risk |= any(write.key == key and write.before >= world.now for write in world.late)
    return world._replace(
        wanted=changed(world.wanted, key, of_user(tags)), at_risk=changed(world.at_risk, key, at_risk)
    )


def _may_overwrite(node: Node, key: int, now: float) -> bool:
    """Whether a worker has just read the tags, or is about to write them within the time of its signature."""
    if node.tags_read is None or node.tags_read.key != key:
        return False
    signed_until = [call.args[3] for _, call in node.pending if call.method == "put_tags"]
    return node.tags_read.at == now or any(isinstance(end, float) and end >= now for end in signed_until)


def _delete(world: World, step: Step, manners: Manners) -> World:
    versions = (*world.objects[step.key], None) if manners.versions else ()
    world = world._replace(objects=changed(world.objects, step.key, versions))
    return _written(world, step.key, ())


def _back(world: World, step: Step, manners: Manners) -> World:
    world = world._replace(objects=changed(world.objects, step.key, world.objects[step.key][:-1]))
    there = world.present(step.key)
    return _written(world, step.key, there.tags if there is not None else ())


def _copy(world: World, step: Step, manners: Manners) -> World:
    there = world.present(step.key)
    return world if there is None else _placed(world, step.to, there.content, there.tags, manners)


def _tag(world: World, step: Step, manners: Manners) -> World:
    there = world.present(step.key)
    if there is None:
        return world
    tags = tuple(sorted({**dict(there.tags), **dict(step.tags)}.items()))
    return _written(world.key_held(step.key, there.version, tags), step.key, tags)


def _batch(world: World, step: Step, manners: Manners) -> World:
    for key in range(len(KEYS)):
        world = _tag(world, step._replace(key=key), manners)
    return world


def _nothing(world: World, step: Step, manners: Manners) -> World:
    return world


def _raise(world: World, step: Step, manners: Manners) -> World:
    return world._replace(limit=step.limit)


_ACTS = {
    "put": _put,
    "delete": _delete,
    "back": _back,
    "copy": _copy,
    "tag": _tag,
    "batch": _batch,
    "event": _nothing,
    "undo": _nothing,
    "relabel": _nothing,
    "correct": _nothing,
    "raise": _raise,
}
