"""`imagelabels detect`: say what is in pictures."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from imagelabels import clouds
from imagelabels.cli.arguments import LANGUAGES, Choice, format_option, path_option, paths, share, unescaped, uri_prefix
from imagelabels.cli.command import Command, examples
from imagelabels.cli.files import index_files
from imagelabels.cli.output_file import Output, state_of
from imagelabels.cli.progress import Progress, in_order, on_ctrl_c
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Rejected, Unavailable
from imagelabels.domain.explain import explain
from imagelabels.domain.model import Answer as DetectorsAnswer
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.plan import Seen, plan
from imagelabels.domain.policy import Policy, Rules
from imagelabels.local_files import content, files, lines
from imagelabels.ports import LabelDetector, traits_of
from imagelabels.views.answers import Answer, Refused, answered, show_json, show_lines, show_text, show_vendor_json
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, number_of

WORKERS = 2

_URI = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)

Answering = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Arguments:
    paths: tuple[str, ...]
    format: str | None
    stdin: bool
    output: Path | None
    index: str | None
    threshold: float | None
    language: str | None
    model: Path | None
    policy: Path | None
    prefix: str | None
    explain: bool


def command() -> Command:
    return Command(
        "detect",
        run,
        Arguments,
        params=[*_places(), *_choices()],
        help="Say what is in pictures on this machine, with the embedded model. Folders are walked; hidden files and "
        "folders, links to folders and links that lead nowhere are left out. Without an option the settings in the "
        "environment count (IMAGELABELS_THRESHOLD, IMAGELABELS_LANGUAGE, IMAGELABELS_POLICY and so on).",
        epilog=_MEANINGS
        + examples(
            "imagelabels detect photos/",
            "imagelabels detect photos/ --index sqlite:///photos.db",
            "imagelabels detect photos/ --output labels.jsonl",
            "imagelabels detect cat.jpg --explain --policy my.toml --prefix oss://bucket/",
        ),
    )


def _places() -> list[click.Parameter]:
    """Where paths come from, and where answers go."""
    return [
        click.Argument(
            ["paths"], nargs=-1, shell_complete=paths, metavar="[PATH]...", help="files and folders; - for --stdin"
        ),
        format_option(default=None, synonyms={"lines": "lines"}),
        click.Option(
            ["--stdin"],
            is_flag=True,
            help="read one path a line, answer each with one line of JSON in the vendors' field names "
            "(docs/formats.md)",
        ),
        path_option(
            "--output",
            "FILE",
            "write the JSON lines to this file. Run again, it labels only what is new or changed since",
        ),
        click.Option(
            ["--index"],
            metavar="URL",
            help=f"write labels to the index, as {clouds.index_examples(of_files=True)}, which is made if it is not "
            "there, for `imagelabels search`. Run again, it labels only what is new or changed since, and files that "
            "are gone lose their rows",
        ),
    ]


def _choices() -> list[click.Parameter]:
    """The labels that are wanted."""
    return [
        click.Option(["--threshold"], type=share, metavar="0..1", help="least confidence (0.7)"),
        click.Option(["--language"], type=Choice(LANGUAGES), help="of the labels' names (en)"),
        path_option("--model", "PATH", "the model file (default: IMAGELABELS_MODEL, else where the build puts it)"),
        path_option(
            "--policy",
            "FILE",
            "rules in TOML that choose the labels (docs/policy.md; default: IMAGELABELS_POLICY); what they do not "
            "say the settings say",
        ),
        click.Option(
            ["--prefix"],
            type=uri_prefix,
            metavar="URI",
            help=f"take the policy's rule for objects below {clouds.example('bucket/2026/')}, not file:///...",
        ),
        click.Option(["--explain"], is_flag=True, help="say of every label of the answer why it stays or goes"),
    ]


_MEANINGS = (
    "In a pipe the table is a line for each label, with tabs between path, label, confidence (0 to 1: how "
    "sure the model is), centric score (0 to 1: how much the thing is in the middle of the picture), level (1 is a "
    "category as Mammals, 2 a group as Cats, 3 one thing as Siamese cat) and parent (the label above it).\n\n"
    "Exit status: 0 all labelled, 1 some refused, 2 wrong use, 130 stopped by Ctrl-C. With --index a refusal is "
    "recorded and counted, and 1 means that some files could not be looked at.\n\n"
)


def run(args: Arguments) -> int:
    """The exit status, as the help says; Misconfigured if the model is not to be had."""
    from imagelabels import wiring_commands

    args = _checked(args)
    warnings.filterwarnings("ignore", module=r"PIL\.")  # remarks on odd metadata; what cannot be read is an error
    detector, rules = wiring_commands.sight(args.model, args.policy, args.threshold, args.language)

    if args.prefix is not None and isinstance(rules, Policy) and not args.explain:
        raise click.UsageError("--prefix chooses a rule of a policy: name one with --policy")

    def answer(path: str) -> Answer:
        return _answer(detector, path, rules.at(_uri(path, args.prefix)), args.explain)

    if args.stdin:
        return max((_shown(show_vendor_json, answer(path)) for path in lines()), default=0)
    todo = list(files(args.paths))
    if not todo:
        folders = ", ".join(escaped(path) for path in args.paths)
        say(f"imagelabels detect: there is no file in {folders}")
        if args.index is not None:
            # An empty folder may be where a disk is not mounted: its rows, and what people said there, are not dropped.
            say("Rows that the index has of it stay; `imagelabels undo file:///...` removes them.")
        return 2
    if args.index is not None:
        folder = wiring_commands.local_folder(args.index, detector, rules)
        return index_files(args.paths, args.index, folder, WORKERS, args.format)
    if args.output is not None:
        settings = (detector.setting, taxonomy.load(clouds.vocabularies()).version, args.explain)
        return _to_file(answer, Output(args.output), todo, lambda path: _settings(rules, path, args.prefix, settings))
    return _to_stdout(answer, todo, _show(args.format))


def _checked(args: Arguments) -> Arguments:
    """The arguments, with paths that this machine has; UsageError says what to do instead of what cannot be meant."""
    if args.paths == ("-",):
        args = replace(args, stdin=True, paths=())
    json_or_none = args.format in (None, "json")
    if bool(args.paths) == args.stdin:
        raise click.UsageError("name files or folders, or --stdin, and not both")
    if "-" in args.paths:
        raise click.UsageError(
            "- reads the paths from standard input and goes with no other path; a file of that name is ./-"
        )
    if args.stdin and not json_or_none:
        raise click.UsageError("--stdin answers in JSON")
    if args.output is not None and (args.stdin or args.index is not None or not json_or_none):
        raise click.UsageError("--output writes JSON lines to its file: leave --stdin, --index and --format out")
    if args.index is not None and (args.stdin or args.explain or args.prefix is not None):
        raise click.UsageError(
            "--index records every file below its own URI, file:///...: leave --stdin, --explain and --prefix out"
        )
    return replace(args, paths=tuple(_path(path) for path in args.paths))


def _path(path: str) -> str:
    """The path that file:///... names, or that a path was printed for; UsageError refuses other addresses."""
    if os.path.lexists(path):
        return path
    meant = unescaped(path)
    address = _URI.match(meant)
    if address is None:
        return meant if os.path.lexists(meant) else path
    scheme = address[1].lower()
    if scheme == "file" and meant[len("file://") :].startswith("/"):
        return meant[len("file://") :]
    if scheme in [store.scheme for store in clouds.stores() if store.buckets]:
        raise click.UsageError(
            f"{escaped(path)} is in a bucket, and detect reads files of this machine: `imagelabels why URI` says what "
            "is recorded of an object; to detect it here, download it first"
        )
    raise click.UsageError(f"{escaped(path)} is not on this machine: download it first")


def _show(output_format: str | None) -> Callable[[Answer], None]:
    if output_format in (None, "table"):
        output_format = "table" if sys.stdout.isatty() else "lines"
    return {"json": show_json, "lines": show_lines, "table": show_text}[output_format]


def _to_stdout(answer: Answering, todo: Sequence[str], show: Callable[[Answer], None]) -> int:
    status, bar = 0, Progress(len(todo))
    with on_ctrl_c() as stop:
        for said in in_order(answer, todo, WORKERS, stop):
            bar.wipe()
            status = max(status, _shown(show, said))
            bar.step()
    bar.wipe()
    if stop.asked:
        print(
            f"stopped after {bar.done} of {number_of(len(todo), 'file')}\n"
            "With --output FILE or --index URL the next run goes on where it stopped.",
            file=sys.stderr,
        )
        return 130
    return status


def _to_file(answer: Answering, output: Output, paths: Sequence[str], settings: Callable[[str], str]) -> int:
    """Label what the file does not hold yet, in the order of the paths, and write it there."""
    states = {path: state_of(path, settings(path)) for path in paths if not output.is_file(path)}
    todo = [path for path, state in states.items() if not output.holds(path, state)]
    status, refused, bar = 0, 0, Progress(len(todo))
    with on_ctrl_c() as stop, output.begin(set(todo)):
        for said in in_order(answer, todo, WORKERS, stop):
            output.add(said, states[said.path])
            if isinstance(said, Refused):
                status, refused = 1, refused + 1
                bar.wipe()
                say(said.line)
            bar.step()
    bar.wipe()
    there = len(states) - len(todo)
    print(
        f"{bar.done - refused} labelled, {refused} refused, {there} were there already"
        + (f"\nstopped after {bar.done} of {len(todo)}: the same command goes on with the rest" if stop.asked else ""),
        file=sys.stderr,
    )
    return 130 if stop.asked else status


def _shown(show: Callable[[Answer], None], answer: Answer) -> int:
    show(answer)
    return int(isinstance(answer, Refused))


def _settings(rules: Policy | Rules, path: str, prefix: str | None, rest: tuple[str, int, bool]) -> str:
    """A digest of all that an answer depends on besides the file."""
    setting, version, explained = rest
    text = f"{setting} {rules.at(_uri(path, prefix)).digest(version)} {explained}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _uri(path: str, prefix: str | None) -> str:
    """What rules' prefixes are compared with."""
    return f"file://{os.path.abspath(path)}" if prefix is None else prefix + os.path.basename(path)


def _answer(detector: LabelDetector, path: str, policy: Policy, explained: bool) -> Answer:
    try:
        if not policy.label:
            raise Rejected("excluded", f"{policy.source('label')} says label = false")
        octets = content(path)
        # A file in memory does not change while it is looked at: its head has nothing to say but the size.
        head = ObjectHead(etag="", size=len(octets), crc64=None, last_modified=0)
        picture = Picture(ObjectRef("file", "", path), head, lambda start, length: octets[start : start + length])
        seen, known = detector.detect(picture), taxonomy.load(clouds.vocabularies())
        answer = DetectorsAnswer(detection=seen)
        made = plan(Seen(picture.ref, head, policy, known, traits_of(detector), answer, detector.setting, {}))
        return answered(path, seen, made.chosen.labels, known, explain(made, policy, known) if explained else None)
    except (Rejected, Unavailable) as error:
        return Refused(path, error.reason, str(error))
