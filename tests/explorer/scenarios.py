"""The scenarios: what a user does while two workers deliver the events, and which faults may happen."""

from __future__ import annotations

from dataclasses import dataclass

from tests.explorer.moves import Play
from tests.explorer.store import Rules
from tests.explorer.user import (
    Manners,
    Step,
    back,
    batch,
    command,
    copy,
    delete,
    put,
    raise_limit,
    redeliver,
    tag,
)
from tests.explorer.world import Faults, World


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story without its faults."""

    name: str
    tells: str
    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    """Done, and delivered, before anything else happens."""
    before_under: str = "now"
    """The policy or setting under which that was done: a name in replay.POLICIES or replay.SETTINGS."""
    orphan: bool = False
    """The delivery of what was done before died when its answer was stored and not confirmed yet."""
    refused: str = ""
    fails: int = 0
    """So many paid calls about A end in an error."""
    bound: bool = False
    versions: bool = False
    limit: int | None = None
    workers: int = 2
    warm: bool = True
    seconds: bool = False
    """Uploads within one second of the clock look alike if their content is the same."""

    def play(self, redelivers: bool = True, off: frozenset[str] = frozenset()) -> Play:
        """Return the scenario as it is explored. Without redelivery, only the last event of a key is tried again."""
        lasts = frozenset(self._last().values())
        rules = Rules(frozenset(self.refused), self.bound, off, lasts, self.fails, redelivers)
        manners = Manners(not self.seconds, self.versions)
        return Play((*self.before, *self.steps), rules, manners, self.workers, self.warm)

    def world(self, faults: Faults) -> World:
        return World(faults=faults, limit=self.limit)

    def settings(self) -> tuple[tuple[str, bool], ...]:
        """Return the SETTINGS that differ: where each event is the last one of its key, all are repeated anyway."""
        lasts = set(self._last().values())
        events = {at * 4 for at, step in enumerate((*self.before, *self.steps)) if step.copies and not _is_silent(step)}
        only_lasts = events == lasts and all(step.copies <= 1 for step in self.steps)
        return tuple(setting for setting in SETTINGS if setting[1] or not only_lasts)

    def _last(self) -> dict[int, int]:
        """Return the number of the last event of each key."""
        return {
            step.to if step.what == "copy" else step.key: at * 4
            for at, step in enumerate((*self.before, *self.steps))
            if not _is_silent(step)
        }


def _is_silent(step: Step) -> bool:
    """Whether the step makes no event: a write of tags, or a person's command."""
    return step.what in ("tag", "batch", "undo", "relabel", "correct")


NEVER_ANSWERED = 1000
"""More calls in vain than any run makes."""

SCENARIOS = (
    Scenario("put", "a picture is put, and its event is delivered twice", (put("k", "A", 2, user="1"),)),
    Scenario("cold", "the same in processes that do not know the store's time yet", (put("k", "A", 2),), warm=False),
    Scenario("overwrite", "a picture is overwritten by another", (put("k", "A"), put("k", "B"))),
    Scenario("overwrite-twice", "and each event is delivered twice", (put("k", "A", 2), put("k", "B", 2))),
    Scenario("delete", "a picture is put and deleted", (put("k", "A"), delete("k"))),
    Scenario("delete-twice", "and each event is delivered twice", (put("k", "A", 2), delete("k", 2))),
    Scenario("again", "it is put, deleted, and put again", (put("k", "A"), delete("k"), put("k", "A", user="1"))),
    Scenario(
        "other", "it is put and deleted, and another is put", (put("k", "A"), delete("k"), put("k", "B", user="1"))
    ),
    Scenario("same", "the same picture is put twice", (put("k", "A"), put("k", "A", user="1"))),
    Scenario("aba", "A, B, A", (put("k", "A"), put("k", "B"), put("k", "A", user="1"))),
    Scenario(
        "aba-second", "A, B, A within one second", (put("k", "A"), put("k", "B"), put("k", "A", user="1")), seconds=True
    ),
    Scenario("copies", "the same picture is put under two keys", (put("k", "A"), put("j", "A"))),
    Scenario("copy", "a picture is put, and copied with its tags", (put("k", "A"), copy("k", "j"))),
    Scenario("copy-overwrite", "A becomes B, and A is put elsewhere", (put("k", "A"), put("k", "B"), put("j", "A"))),
    Scenario("copy-delete", "A is deleted, and A is put elsewhere", (put("k", "A"), delete("k"), put("j", "A"))),
    Scenario("tags", "the user sets a tag twice", (put("k", "A", 2, user="1"), tag("k", user="2"), tag("k", user="3"))),
    Scenario(
        "tags-overwrite",
        "the user overwrites a picture and sets a tag",
        (put("k", "A", user="1"), put("k", "B", user="1"), tag("k", user="2")),
    ),
    Scenario(
        "carried",
        "a picture is put with another's labels among its tags, and the user sets a tag",
        (put("k", "B", **{"label:cat": "mammal", "user": "1"}), tag("k", user="2")),
    ),
    Scenario(
        "copy-aba",
        "A becomes B, which no event tells, and A again, and A is put elsewhere",
        (put("k", "A"), put("k", "B", 0), put("k", "A"), put("j", "A")),
    ),
    Scenario(
        "tags-kept",
        "the user sets a tag on a picture whose answer is kept, and puts it again",
        (put("k", "A"), tag("k", user="1"), put("k", "A", user="2")),
        before=(put("j", "A"),),
    ),
    Scenario(
        "batch",
        "a batch job adds a tag to all objects while they are labelled",
        (put("k", "A", user="1"), put("j", "B"), batch(batch="1")),
    ),
    Scenario(
        "gone-second",
        "a picture whose answer is kept is put, deleted, and put with tags within one second",
        (put("k", "A"), delete("k"), put("k", "A", user="1")),
        before=(put("j", "A"),),
        seconds=True,
    ),
    Scenario(
        "overwrite-kept",
        "a picture is overwritten by another; the answers for both are kept",
        (put("k", "A"), put("k", "B")),
        before=(put("j", "A"), put("j", "B")),
    ),
    Scenario(
        "again-kept",
        "a labelled picture is deleted and put again",
        (delete("k"), put("k", "A", user="1")),
        before=(put("k", "A"),),
    ),
    Scenario(
        "orphan",
        "a delivery died after its call; the same picture is put under both keys",
        (put("k", "A"), put("j", "A")),
        before=(put("k", "A"),),
        orphan=True,
    ),
    Scenario(
        "claim",
        "the same picture is put under two keys; one is overwritten, and the other is put again",
        (put("k", "A"), put("j", "A"), put("k", "B"), put("j", "A")),
    ),
    Scenario("refused", "a picture is overwritten by one that is refused", (put("k", "A"), put("k", "B")), refused="B"),
    Scenario("refused-twice", "a refused picture is put under two keys", (put("k", "B"), put("j", "B")), refused="B"),
    Scenario(
        "late", "an old event comes once more after another picture", (put("k", "B"), redeliver("k")), (put("k", "A"),)
    ),
    Scenario("undo", "a person undoes while the event is delivered", (put("k", "A"), command("undo", "k"))),
    Scenario(
        "undo-overwrite",
        "a person undoes while a labelled picture is overwritten",
        (put("k", "B"), command("undo", "k")),
        before=(put("k", "A", user="1"),),
    ),
    Scenario(
        "relabel",
        "a person relabels under another policy while a labelled picture is overwritten",
        (command("relabel", "k"), put("k", "B", user="2"), redeliver("k")),
        before=(put("k", "A", user="1"),),
        before_under="old policy",
    ),
    Scenario(
        "correct",
        "a person corrects while an old event is delivered again",
        (command("correct", "k"), redeliver("k"), tag("k", user="2")),
        before=(put("k", "A", user="1"),),
    ),
    Scenario(
        "correct-setting",
        "a corrected picture is asked about again under another setting of the detector",
        (redeliver("k"), redeliver("k")),
        before=(put("k", "A", user="1"), command("correct", "k")),
        before_under="other setting",
    ),
    Scenario(
        "correct-overwrite",
        "a person corrects while the picture is overwritten",
        (command("correct", "k"), put("k", "B", user="2")),
        before=(put("k", "A", user="1"),),
    ),
    Scenario(
        "failing",
        "the detector never answers for a picture that is put under two keys",
        (put("k", "A", user="1"), put("j", "A")),
        fails=NEVER_ANSWERED,
    ),
    Scenario(
        "failing-twice",
        "the detector answers for a picture under two keys when it is asked for the third time",
        (put("k", "A"), put("j", "A")),
        fails=2,
    ),
    Scenario(
        "failing-overwrite",
        "the detector never answers for a picture under two keys, one of which is overwritten",
        (put("k", "A"), put("k", "B"), put("j", "A")),
        fails=NEVER_ANSWERED,
    ),
    Scenario("budget", "one call is allowed, and two pictures come", (put("k", "A"), put("j", "B")), limit=1),
    Scenario(
        "budget-raised",
        "one call is allowed, and then two",
        (put("k", "A"), put("k", "B"), raise_limit("k", 2)),
        limit=1,
    ),
    Scenario(
        "version",
        "in a bucket with versions a picture is overwritten, and the new version is removed",
        (put("k", "A"), put("k", "B"), back("k")),
        bound=True,
        versions=True,
    ),
)


SETTINGS: tuple[tuple[str, bool], ...] = (
    ("", True),
    ("crash", True),
    ("crash", False),
    ("sleep", True),
    ("slow", True),
    ("lost", True),
    ("fail", True),
    ("late", True),
    ("twice", True),
    ("forbid", True),
    ("crash sleep late", True),
    ("crash sleep late", False),
    ("crash sleep lost fail late twice", True),
    ("crash sleep lost fail late twice", False),
)
"""The faults with which each scenario is explored, and whether a delivery that did not end is always repeated."""


def scenario(name: str) -> Scenario:
    """Return the scenario of that name. ValueError lists the names that exist."""
    for each in SCENARIOS:
        if each.name == name:
            return each
    raise ValueError(f"no scenario is called {name}; these exist: {' '.join(each.name for each in SCENARIOS)}")


def with_faults(text: str) -> Faults:
    """Read faults such as `crash sleep`; a word that is repeated allows as many."""
    counts = {name: text.split().count(name) for name in Faults._fields}
    if sum(counts.values()) != len(text.split()):
        raise ValueError(f"{text}: the faults are {' '.join(Faults._fields)}")
    return Faults(**counts)
