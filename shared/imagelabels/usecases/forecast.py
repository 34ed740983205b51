"""Foretells what a backfill will do with every object of a place. It writes nothing and calls no detector.

The list and the rows tell most of it. What they do not tell is looked at once for each content: HEAD, the kept answer,
and the file's first bytes, as reconcile looks at them before a call.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from imagelabels.domain.fates import Fate, fate, holds, is_archived
from imagelabels.domain.foreseen import LIST_PAGE, ROWS_PAGE, Tally, Way
from imagelabels.domain.listing import Listed
from imagelabels.domain.outcomes import Reason, State
from imagelabels.ports import StoredRow
from imagelabels.usecases.contents import Contents, Member, Piece, member
from imagelabels.usecases.foretold_tags import ForetoldTags
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.verdicts import Looks, Patience, Verdict
from imagelabels.usecases.walk import Place
from imagelabels.usecases.walking import Source, in_chunks

AHEAD = 64
"""So many pieces of contents are under way at most."""

QUICK = Verdict(Way.CALL, is_sure=False)
"""Nobody looks, so the detector may have to be asked."""

Told = Callable[[str, int], None]
"""It is told what is counted at the moment, and how many there are so far."""


def _silent(what: str, number: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Forecast:
    """Foretells a backfill of a place. `quick`: no object is looked at, so calls are at most as many. `read_tags`: the
    tags that objects have are asked for."""

    by: Tools
    place: Place
    executor: Executor
    quick: bool = False
    read_tags: bool = False
    told: Told = _silent
    patience: Patience = field(init=False)
    looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "patience", Patience(self.by.clock))
        object.__setattr__(self, "looks", Looks(self.by, self.patience))

    def over(self, source: Source, is_list: bool = True) -> Tally:
        """Return what becomes of all objects of the source. `is_list`: the source asks the store, page by page."""
        tally, listed, pages = Tally(), 0, 0
        with Contents(self.place, self.by.reuse) as contents:
            for page in in_chunks(source, "", self.by.clock, LIST_PAGE):
                contents.add(self._members([entry for _, entry in page], tally))
                pages, listed = pages + 1, listed + len(page)
                self.told("listed", listed)
            if is_list:
                tally.requests["list"] = max(pages, 1)
            for counted in self._counted(contents.pieces()):
                tally.add(_without_repeats(counted, contents))
                self.told("counted", tally.objects)
        return tally

    def _members(self, page: list[Listed], tally: Tally) -> list[Member]:
        """Count the objects whose fate list and rows tell, and return the others."""
        rows = self.patience.ask(tally.requests, "rows", lambda: self.by.rows.rows([listed.ref for listed in page]))
        tally.requests["rows"] += -(-len(page) // ROWS_PAGE) - 1
        return [one for listed, row in zip(page, rows, strict=True) if (one := self._member(listed, row, tally))]

    def _member(self, listed: Listed, row: StoredRow | None, tally: Tally) -> Member | None:
        """Count an object whose fate is known; return one whose content must be looked at."""
        record = row.record if row is not None else None
        seen = self.by.seen(listed.ref, None)
        is_free = row is None or (row.lock is None and row.waiting is None)
        foretold = fate(listed, seen, record, seen.policy.digest(self.by.taxonomy.version), is_free)
        if foretold.fate is Fate.DONE:
            tally.ways[Way.DONE] += 1
            if record is not None and record.state is State.LABELLED:
                tally.labelled_rows += 1
                tally.labelled_tags += len(record.tags_written)
            return None
        # A list does not tell whether an archived object was restored: HEAD does.
        if foretold.fate is Fate.NO_CALL and foretold.reason is not Reason.ARCHIVED:
            tally.ways[Way.NO_CALL] += 1
            tally.reasons[str(foretold.reason)] += 1
            return None
        head = record.head if record is not None and holds(record, listed) else None
        said = record.corrections if record is not None else None
        if is_archived(listed):
            return Member(listed.ref, "", listed.size, None, listed.tag_count, said)
        return member(listed, head, said, foretold.fate is Fate.REPLAN)

    def _counted(self, pieces: Iterator[Piece]) -> Iterator[Counted]:
        """Look at the contents on the executor's threads, and yield what was found, piece by piece."""
        under_way: deque[Future[Counted]] = deque()
        former: Future[Counted] | None = None
        try:
            for piece in pieces:
                former = self.executor.submit(self._look, piece, None if piece.is_first else former)
                under_way.append(former)
                if len(under_way) >= AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()

    def _look(self, piece: Piece, former: Future[Counted] | None) -> Counted:
        """Count the objects of a piece. The first one that can be looked at tells what the others are."""
        counted = Counted(verdict=former.result().verdict if former is not None else None)
        tags = ForetoldTags(self.by, self.patience, self.read_tags and not self.quick)
        for one in piece.members:
            verdict, is_first = counted.verdict, counted.verdict is None
            if verdict is None or (verdict is QUICK and one.replan):
                verdict = self._verdict(one, counted.tally.requests)
                if verdict.is_shared:
                    counted.verdict = verdict
            counted.count(one, verdict, is_first, tags)
        return counted

    def _verdict(self, one: Member, made: Counter[str]) -> Verdict:
        if not self.quick:
            return self.looks.verdict(one, made)
        # The answer behind a row may not be this object's any more: IMAGELABELS_REUSE says who shares it.
        kept = self.looks.kept(one, made) if one.replan else None
        return kept or QUICK


@dataclass(slots=True)
class Counted:
    """This is what was found about objects of one content."""

    tally: Tally = field(default_factory=Tally)
    verdict: Verdict | None = None
    """The verdict on their content; None while nobody could tell."""
    asked: list[tuple[str, int]] = field(default_factory=list)
    """The answers that the detector is asked for, with the sizes of the pictures."""

    def count(self, one: Member, verdict: Verdict, is_first: bool, tags: ForetoldTags) -> None:
        """Count an object. `is_first`: it is the one that the verdict came from."""
        tally, way = self.tally, _way(one, verdict, is_first)
        tally.ways[way] += 1
        if way is Way.CALL:
            self.asked.append((verdict.answer_id, one.size))
            tally.called_bytes += one.size
            tally.unsure_calls += not verdict.is_sure
        if way is Way.UNSEEN:
            tally.unseen[str(verdict.reason)] += 1
        if verdict.reason is None or verdict.way is Way.UNSEEN:
            tags.count(one, verdict, tally)
            return
        tally.reasons[str(verdict.reason)] += 1
        if verdict.reason == Reason.UNSUPPORTED_FORMAT and verdict.answer is not None and verdict.answer.format:
            tally.formats[verdict.answer.format] += 1


def _way(one: Member, verdict: Verdict, is_first: bool) -> Way:
    """Return the way of an object: the content of all but the first one is dealt with already."""
    if verdict.way is Way.KEPT and one.replan:
        return Way.REPLAN
    if is_first or verdict.way is Way.KEPT:
        return verdict.way
    return Way.DUPLICATE


def _without_repeats(counted: Counted, contents: Contents) -> Tally:
    """Return the tally without calls for answers that are asked for already: the same bytes that were put in parts of
    other sizes have another ETag, and only HEAD told that their content is the same."""
    tally = counted.tally
    for answer_id, size in counted.asked:
        if answer_id and not contents.ask(answer_id):
            tally.ways[Way.CALL] -= 1
            tally.ways[Way.DUPLICATE] += 1
            tally.called_bytes -= size
    return tally
