"""Reads a policy file: its shape, its limits, and which rule says what of an object."""

from __future__ import annotations

import difflib
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imagelabels import clouds
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.policy import Policy, Rules
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.policyfile.keys import MAX_PARTS, overlong
from imagelabels.policyfile.places import Problems
from imagelabels.policyfile.words import Words

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 1_000_000
MAX_RULES = 1000
"""Each is compared with the object's URI at every event."""

_Share = Annotated[float, Field(ge=0, le=1)]
_Word = Annotated[str, Field(max_length=200)]
_Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", max_length=100)]


class Rule(BaseModel):
    """As it is written; the field `prefix` is a beginning of URIs, the others are Policy's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prefix: Annotated[str, Field(max_length=1200)]
    label: bool | None = None
    threshold: _Share | None = None
    thresholds: dict[_Word, _Share] | None = None
    exclude: list[_Word] | None = None
    only: list[_Word] | None = None
    rename: dict[_Word, _Name] | None = None
    map: dict[_Word, _Word] | None = None
    language: Literal["en", "zh-Hans"] | None = None
    tag_limit: Annotated[int, Field(ge=0, le=10)] | None = None
    tag_value: Literal["category", "confidence"] | None = None


def load(path: Path, base: Policy, floor: float, taxonomy: Taxonomy) -> Rules:
    """The file's rules over `base`; `floor` is what the detector is asked for.

    A rule takes over from those of shorter prefixes what it does not say itself. Misconfigured says what is wrong, on
    which line and in which rule.
    """
    text = _text(path)
    if (line := next(overlong(text), None)) is not None:
        raise Misconfigured(
            f"{path}: line {line}: a key of more than {MAX_PARTS} parts with dots between them: "
            "a name that has dots in it is written in quotes"
        )
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misconfigured(f"the policy file {path} is no TOML: {error}") from None
    problems = Problems(path, text)
    said: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(_entries(data, problems)):
        complain = partial(problems.at, number)
        problems.prefixes.append(entry.get("prefix"))
        rule = _rule(entry, complain)
        if rule is None:
            continue
        if rule.prefix in said:
            complain(("prefix",), "another rule has the same prefix: make one of the two")
        said[rule.prefix] = _fields(rule, floor, Words(taxonomy, complain), complain)
    problems.refuse()
    if not said:
        raise Misconfigured(
            f'{path} has no rules: write at least [[rule]] and below it prefix = "{clouds.example("bucket/")}"'
        )
    return Rules(base, tuple((prefix, _over(base, prefix, said)) for prefix in sorted(said, key=len, reverse=True)))


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep us waiting
            raise Misconfigured(f"the policy file {path} is no plain file: name a TOML file")
        with path.open("rb") as file:
            octets = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"the policy file {path} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    if len(octets) > MAX_BYTES:
        raise Misconfigured(f"the policy file {path} is larger than {MAX_BYTES} bytes, the most that a policy may have")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misconfigured(f"the policy file {path} is no TOML: it is not written in UTF-8") from None


def _entries(data: Mapping[str, Any], problems: Problems) -> Sequence[Mapping[str, Any]]:
    for key in data.keys() - {"rule"}:
        known = key in Rule.model_fields
        hint = "belongs to no rule: write it below [[rule]]" if known else "is not known: rules are tables, [[rule]]"
        problems.outside(key, f"{key[:100]} {hint}")
    entries: Any = data.get("rule", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.outside("rule", "rules are tables with two brackets: [[rule]]")
        entries = []
    problems.refuse()
    if len(entries) > MAX_RULES:
        problems.outside("rule", f"{len(entries)} rules: the limit is {MAX_RULES}")
        problems.refuse()
    found: Sequence[Mapping[str, Any]] = entries
    return found


def _rule(entry: Mapping[str, Any], complain: Any) -> Rule | None:
    try:
        rule = Rule.model_validate(entry)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            place = [str(part) for part in one["loc"] if isinstance(part, str) and part != "[key]"]
            complain(place, _wrong(place, one["type"], one["msg"], one["input"]))
        return None
    if not _is_prefix(rule.prefix):
        others = " or ".join(f"{store.scheme}://{'' if store.buckets else '/'}..." for store in clouds.stores()[1:])
        complain(
            ("prefix",),
            f"not the beginning of a URI: write {clouds.example('bucket/')} or {clouds.example('bucket/2026/')}, "
            f'{others} likewise, or "" for everything',
        )
    return rule


def _is_prefix(text: str) -> bool:
    """Whether URIs may begin with it: a store and a whole bucket, or nothing at all."""
    stores = "|".join(f"{re.escape(store.scheme)}://{'[^/]+' if store.buckets else ''}/" for store in clouds.stores())
    return re.fullmatch(rf"|(?:{stores}).*", text, re.DOTALL) is not None


def _wrong(place: Sequence[str], kind: str, said: str, given: Any) -> str:
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(place[0], Rule.model_fields, 1, 0.5)
        return "not known" + (f": did you mean {near[0]}?" if near else "")
    if kind == "missing":
        return "missing: which objects is the rule for?"
    if kind == "less_than_equal" and place[0].startswith("threshold") and given <= 100:
        return f"{given:g} is not from 0 to 1: did you mean {given / 100:g}?"
    if kind == "string_pattern_mismatch":
        return "a name has at least one letter and no control characters"
    return said[:1].lower() + said[1:]


def _fields(rule: Rule, floor: float, words: Words, complain: Any) -> dict[str, Any]:
    """What the rule says, as fields of Policy."""
    said = {name: value for name, value in rule if name != "prefix" and value is not None}
    shares = [(("threshold",), rule.threshold)] if rule.threshold is not None else []
    for place, share in [*shares, *((("thresholds", word), share) for word, share in (rule.thresholds or {}).items())]:
        if share < floor:
            complain(place, f"{share:g} is below IMAGELABELS_DETECT_FLOOR, {floor:g}: nothing is kept of such labels")
    for field in ("exclude", "only"):
        if field in said:
            said[field] = words.labels(field, said[field])
    if rule.thresholds is not None:
        said["thresholds"] = words.thresholds(rule.thresholds)
    if rule.rename is not None:
        said["rename"] = words.renames(rule.rename)
    if rule.map is not None:
        said["map"] = words.maps(rule.map)
    return said


def _over(base: Policy, prefix: str, said: Mapping[str, Mapping[str, Any]]) -> Policy:
    """The policy of a prefix: of each field, what the longest prefix that says it says."""
    fields: dict[str, Any] = {}
    by: dict[str, str] = {}
    for other in sorted((other for other in said if prefix.startswith(other)), key=len):
        fields |= said[other]
        by |= dict.fromkeys(said[other], other)
    return replace(base, **fields, said_by=tuple(sorted(by.items())))
