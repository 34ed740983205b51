"""`imagelabels relabel`: apply a changed policy, without a detector's call."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import click

from imagelabels.cli.arguments import format_option, path_option, place_argument
from imagelabels.cli.asking import REFUSED, agreed, nobody_to_ask, yes_option
from imagelabels.cli.command import Command, examples
from imagelabels.cli.objects import Open, Site, by_index, deadline, rows_option, settings_needed
from imagelabels.cli.walks import Walk, going_on, journal_of, policy_digest
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.relabel import Change, foresee, relabel
from imagelabels.usecases.walk import Place, all_recorded
from imagelabels.views.forms import one_line
from imagelabels.views.layout import print_rows, say
from imagelabels.views.printing import escaped, number_of

SHOWN = 3
"""Pictures that are named with what comes and goes."""


@dataclass(slots=True)
class Difference:
    """A diff by counts, and the first pictures that change."""

    fates: Counter[str] = field(default_factory=Counter)
    labels_come: Counter[str] = field(default_factory=Counter)
    labels_go: Counter[str] = field(default_factory=Counter)
    tags_come: Counter[str] = field(default_factory=Counter)
    tags_go: Counter[str] = field(default_factory=Counter)
    first: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.fates[change.fate] += 1
        self.labels_come.update(change.labels_come)
        self.labels_go.update(change.labels_go)
        self.tags_come.update(change.tags_come)
        self.tags_go.update(change.tags_go)
        if change.fate == "changed" and len(self.first) < SHOWN:
            self.first.append(change)


@dataclass(frozen=True, slots=True)
class Arguments:
    place: Place
    policy: Path | None
    dry_run: bool
    yes: bool
    format: str
    index: str | None = None


def command() -> Command:
    return Command(
        "relabel",
        run,
        Arguments,
        params=[
            place_argument(),
            path_option(
                "--policy", "FILE", "choose by the rules in this file (default: IMAGELABELS_POLICY, as the function)"
            ),
            click.Option(["--dry-run"], is_flag=True, help="print what would come and go, and write nothing"),
            yes_option(),
            rows_option(),
            format_option(),
        ],
        help="Choose labels and tags anew for every picture that has a row, from the answer that is kept: no detector "
        "is called. First what would come and go is counted, printed and asked about, then it is written. A picture "
        "without a kept answer is left as it is and counted, and corrections stay. If it is interrupted, run it again: "
        f"it passes over what is done.\n\n{settings_needed()}",
        epilog="Exit status: 0 done, 1 some pictures failed or the answer was no, 2 wrong use.\n\n"
        + examples(
            "imagelabels relabel oss://bucket/2026/ --policy policy.toml --dry-run",
            "imagelabels relabel oss://bucket/2026/ --policy policy.toml",
        ),
    )


def run(args: Arguments, open_site: Open | None = None) -> int:
    """0 done, 1 some pictures failed or a person said no, 2 nobody could be asked."""
    if (status := nobody_to_ask("relabel", args.yes or args.dry_run)) is not None:
        return status
    site = (open_site or by_index(args.index))(args.place)
    if args.policy is not None:
        site = _by(args.policy, args.place.store, site)
    if args.dry_run:
        return _foreseen(args, site)[0].status()
    with journal_of("relabel", args.place, site, policy_digest(site.tools)) as journal:
        if journal.now.agreed:
            going_on(journal)
        else:
            changed = _foreseen(args, site)[1].fates["changed"]
            # Rows that stay as they are still get the policy's new digest: nothing that a person must be asked about.
            if changed and not agreed(f"Relabel {number_of(changed, 'picture')}?", args.yes):
                journal.finish()
                return REFUSED
            journal.agree()
        counts: Counter[str] = Counter()

        def take(change: Change) -> None:
            counts["written"] += change.fate == "changed"

        def act(ref: ObjectRef) -> Change:
            return relabel(site.tools, ref, deadline())

        walk = Walk(site, all_recorded(site.index, args.place), act, take, counts=counts)
        walk.over(journal)
        _print_written(walk, args)
        return walk.status()


def _foreseen(args: Arguments, site: Site) -> tuple[Walk[Change], Difference]:
    difference = Difference()
    walk = Walk(site, all_recorded(site.index, args.place), partial(foresee, site.tools), difference.add)
    walk.over()
    _print(difference, walk, args)
    return walk, difference


def _by(file: Path, scheme: str, site: Site) -> Site:
    from imagelabels import wiring_commands

    policy = wiring_commands.rules_by(file, scheme, site.tools.detector.default_threshold)
    return replace(site, tools=replace(site.tools, policy=policy))


def _print_written(walk: Walk[Change], args: Arguments) -> None:
    written = walk.counts["written"]
    if args.format == "json":
        form = {"prefix": args.place.uri, "foreseen": False, "written": written, "failed": walk.failed}
        print(one_line(form))
    else:
        print(f"{number_of(written, 'picture')} {'was' if written == 1 else 'were'} relabelled")


def _print(found: Difference, walk: Walk[Change], args: Arguments) -> None:
    fates = {fate: found.fates[fate] for fate in ("changed", "unchanged", "no_answer")}
    if args.format == "json":
        told = {"prefix": args.place.uri, "foreseen": True, "pictures": walk.objects} | fates
        labels = {"labels_come": found.labels_come, "labels_go": found.labels_go}
        print(one_line(told | labels | {"tags_come": found.tags_come, "tags_go": found.tags_go}))
        return
    print(escaped(args.place.uri))
    say(
        f"{number_of(walk.objects, 'picture')}: {fates['changed']} would change, {fates['unchanged']} would stay "
        f"as before, {fates['no_answer']} would be left, without a kept answer",
        sys.stdout,
        "  ",
    )
    print_rows(
        (kind, escaped(label_id), f"+{come[label_id]}", f"-{go[label_id]}")
        for kind, come, go in (("label", found.labels_come, found.labels_go), ("tag", found.tags_come, found.tags_go))
        for label_id in sorted(come | go, key=lambda label_id: (-come[label_id] - go[label_id], label_id))
    )
    for change in found.first:
        words = [f"+{name}" for name in sorted(change.labels_come | change.tags_come)]
        words += [f"-{name}" for name in sorted(change.labels_go | change.tags_go)]
        print(escaped(change.ref.uri))
        say(escaped(" ".join(words)) or "the same labels, shown otherwise", sys.stdout, "  ")
