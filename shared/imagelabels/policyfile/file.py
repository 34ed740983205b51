"""This module reads a policy file, checks its form and limits, and makes the policy for each prefix."""

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
from imagelabels.policyfile.words import RuleWords

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 1_000_000
MAX_RULES = 1000
"""A file has at most this many rules, because each is compared with the object's URI at every event."""

_Share = Annotated[float, Field(ge=0, le=1)]
_Word = Annotated[str, Field(max_length=200)]
_Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", max_length=100)]


class Rule(BaseModel):
    """A rule as it is written. `prefix` is the beginning of URIs, and the other fields are those of Policy."""

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
    """Return the rules of the file. `base` has the values that no rule sets, and `floor` is the detector's floor.

    A rule inherits the fields that it does not set from rules with shorter prefixes. Misconfigured says what is wrong,
    on which line and in which rule.
    """
    text = _text(path)
    if (line := next(overlong(text), None)) is not None:
        raise Misconfigured(
            f"{path}: line {line}: a key has more than {MAX_PARTS} parts with dots between them: "
            "write a name that contains dots in quotes"
        )
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misconfigured(f"the policy file {path} is not TOML: {error}") from None
    problems = Problems(path, text)
    fields_by_prefix: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(_entries(data, problems)):
        complain = partial(problems.at, number)
        problems.prefixes.append(entry.get("prefix"))
        rule = _rule(entry, complain)
        if rule is None:
            continue
        if rule.prefix in fields_by_prefix:
            complain(("prefix",), "another rule has the same prefix: make one rule of the two")
        fields_by_prefix[rule.prefix] = _fields(rule, floor, RuleWords(taxonomy, complain), complain)
    problems.refuse()
    if not fields_by_prefix:
        raise Misconfigured(
            f'{path} has no rules: write at least [[rule]] and below it prefix = "{clouds.example("bucket/")}"'
        )
    prefixes = sorted(fields_by_prefix, key=len, reverse=True)
    return Rules(base, tuple((prefix, _policy(base, prefix, fields_by_prefix)) for prefix in prefixes))


def _text(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe could wait for ever
            raise Misconfigured(f"the policy file {path} is not a regular file: name a TOML file")
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
        raise Misconfigured(f"the policy file {path} is not TOML: it is not encoded in UTF-8") from None


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
    rules: Sequence[Mapping[str, Any]] = entries
    return rules


def _rule(entry: Mapping[str, Any], complain: Any) -> Rule | None:
    try:
        rule = Rule.model_validate(entry)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            place = [str(part) for part in problem["loc"] if isinstance(part, str) and part != "[key]"]
            complain(place, _wrong(place, problem["type"], problem["msg"], problem["input"]))
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
    """Return whether URIs may begin with the text: it is empty, or it has a store and a whole bucket."""
    stores = "|".join(f"{re.escape(store.scheme)}://{'[^/]+' if store.buckets else ''}/" for store in clouds.stores())
    return re.fullmatch(rf"|(?:{stores}).*", text, re.DOTALL) is not None


def _wrong(place: Sequence[str], kind: str, message: str, value: Any) -> str:
    """Return what is wrong with a value, in our words if we have any for this kind, and else in those of pydantic."""
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(place[0], Rule.model_fields, 1, 0.5)
        return "not known" + (f": did you mean {near[0]}?" if near else "")
    if kind == "missing":
        return "missing: which objects is the rule for?"
    if kind == "less_than_equal" and place[0].startswith("threshold") and value <= 100:
        return f"{value:g} is not from 0 to 1: did you mean {value / 100:g}?"
    if kind == "string_pattern_mismatch":
        return "a name has at least one letter and no control characters"
    return message[:1].lower() + message[1:]


def _fields(rule: Rule, floor: float, words: RuleWords, complain: Any) -> dict[str, Any]:
    """Return the fields of Policy that the rule sets."""
    fields = {name: value for name, value in rule if name != "prefix" and value is not None}
    shares = [(("threshold",), rule.threshold)] if rule.threshold is not None else []
    for place, share in [*shares, *((("thresholds", word), share) for word, share in (rule.thresholds or {}).items())]:
        if share < floor:
            complain(place, f"{share:g} is below IMAGELABELS_DETECT_FLOOR, {floor:g}: such labels are not stored")
    for field in ("exclude", "only"):
        if field in fields:
            fields[field] = words.labels(field, fields[field])
    if rule.thresholds is not None:
        fields["thresholds"] = words.thresholds(rule.thresholds)
    if rule.rename is not None:
        fields["rename"] = words.renames(rule.rename)
    if rule.map is not None:
        fields["map"] = words.maps(rule.map)
    return fields


def _policy(base: Policy, prefix: str, fields_by_prefix: Mapping[str, Mapping[str, Any]]) -> Policy:
    """Return the policy of a prefix. Each field has its value from the longest fitting prefix whose rule sets it."""
    fields: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for other in sorted((other for other in fields_by_prefix if prefix.startswith(other)), key=len):
        fields |= fields_by_prefix[other]
        sources |= dict.fromkeys(fields_by_prefix[other], other)
    return replace(base, **fields, said_by=tuple(sorted(sources.items())))
