"""Defines every field of the function's log. The table in docs/logs.md, the index of the log store and the dashboards
follow it. A function does not load this module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "long", "list", "object"]
Line = Literal["record", "run", "webhook", "start"]
"""There are four kinds of line: one for each record of an event or object of a run, one for each run of the timer, one
for each turn of work for a webhook, and one for the start of an instance."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a line of the log."""

    name: str
    kind: Kind
    says: str
    unit: str = ""
    lines: tuple[Line, ...] = ("record",)

    @property
    def index(self) -> str | None:
        """The type that it has in an index of a log service, or None if it cannot have one.

        SLS indexes no lists: https://www.alibabacloud.com/help/en/sls/data-types. SCF hands only texts and numbers on
        to CLS: https://cloud.tencent.com/document/product/583/55595
        """
        return self.kind if self.kind in ("text", "long") else None


_ALL: tuple[Line, ...] = ("record", "run", "webhook", "start")
_THREE: tuple[Line, ...] = ("record", "run", "webhook")
_TWO: tuple[Line, ...] = ("record", "run")


def _step(name: str, says: str) -> Field:
    return Field(f"ms_{name}", "long", says, "milliseconds")


FIELDS = (
    Field(
        "level",
        "text",
        "`INFO`, `ERROR` where a person must act, or `WARNING` for a webhook with a `detail`.",
        lines=_ALL,
    ),
    Field(
        "message",
        "text",
        "The state, or `bad event`, `resumed` (a run of the timer), `webhook` or `cold start`.",
        lines=_ALL,
    ),
    Field("timestamp", "text", "When the line was written, by the function's clock.", lines=_ALL),
    Field("service", "text", "`imagelabels`.", lines=_ALL),
    Field("request_id", "text", "The platform's id of the invocation.", lines=_THREE),
    Field("uri", "text", "The object that was acted on. It is absent if the record is not an event we know."),
    Field("event_id", "text", "The cloud's own id of the event. It stays the same when the event is delivered again."),
    Field("state", "text", "What became of the record."),
    Field("reason", "text", "Why the picture has no labels, or why the record waits or failed."),
    Field("detail", "text", "What went wrong, in words. It holds no secret and no signed address.", lines=_THREE),
    Field("label_ids", "list", "The labels that the picture now has."),
    Field("notes", "list", "What else is worth knowing."),
    Field(
        "paid_calls",
        "long",
        "The billed calls that this delivery sent, whether or not they were answered.",
        "calls",
    ),
    Field(
        "cold", "long", "1 for the first line of an instance behind its start, and absent for all others.", lines=_TWO
    ),
    Field("detector", "text", "The detector that is set, whether or not it was called."),
    Field("model", "text", "The model that answered, if the detector was called and names its model."),
    Field("calls_store", "long", "Calls to the store that look at the object or read bytes of it.", "calls"),
    Field("calls_tags", "long", "Calls to the store that read or write tags.", "calls"),
    Field("calls_index", "long", "Calls to the index: rows, locks, answers and budgets.", "calls"),
    Field("calls_detector", "long", "Calls to the detector, billed or not.", "calls"),
    Field("ms", "long", "The whole work on the record.", "milliseconds"),
    _step("look", "HEAD requests."),
    _step("lock", "Taking the lock of the object, and giving it back if the row was not written."),
    _step("wait_lock", "Pauses while another delivery held the object."),
    _step("row", "Reading the object's row."),
    _step("claim", "Looking for a kept answer, and claiming the content if there is none."),
    _step(
        "wait_answer",
        "Pauses while another delivery asked about the same content, or before a retry to keep an answer.",
    ),
    _step("read", "Reading the first bytes of the picture, and what the embedded detector reads of it."),
    _step("wait_new", "The pause until the picture is one second old."),
    _step("wait_call", "The pauses until the detector may be called: for the rate, or after it was throttled."),
    _step("budget", "Counting the call to the detector, and holding back calls that would be refused."),
    _step("detect", "The call to the detector, with all that it reads of the picture and waits for."),
    _step("keep", "Storing the answer."),
    _step("read_tags", "Reading the tags."),
    _step("write_tags", "Writing the tags."),
    _step("finish", "Writing the row and the history, or removing the row."),
    Field(
        "ended",
        "text",
        "Why the run ended: `done`, `no_time` (the next run goes on) or `throttled` (so does it).",
        lines=("run",),
    ),
    Field("objects", "long", "The number of objects that the run tried.", lines=("run",)),
    Field("states", "object", "The same by what became of them.", lines=("run",)),
    Field("passed_over", "object", "By bucket, the reasons whose objects were not tried.", lines=("run",)),
    Field("webhook", "text", "The id of the webhook that was worked for.", lines=("webhook",)),
    Field("album", "text", "The id of its album.", lines=("webhook",)),
    Field("host", "text", "The host of its receiver. The rest of the address may be a secret.", lines=("webhook",)),
    Field("webhook_state", "text", "`on`, `off` or `deleted`.", lines=("webhook",)),
    Field("queued", "long", "Messages that were made.", "messages", ("webhook",)),
    Field("delivered", "long", "Messages that the receiver took.", "messages", ("webhook",)),
    Field("failed", "long", "Attempts that failed.", "attempts", ("webhook",)),
    Field(
        "ms_import",
        "long",
        "From the start of the process until the function was imported. It is absent where the system does not tell.",
        "milliseconds",
        ("start",),
    ),
    Field("ms_open", "long", "Opening the store, the index and the detector.", "milliseconds", ("start",)),
    Field("modules", "object", "The version and the file of each vendor's module that is loaded.", lines=("start",)),
)
"""All fields, in the order in which docs/logs.md lists them."""

STEPS = tuple(field.name for field in FIELDS if field.name.startswith("ms_") and field.lines == ("record",))
"""The fields with the milliseconds of each step."""


def table() -> str:
    """Return the table of docs/logs.md."""
    names = {"record": "record", "run": "resumed", "webhook": "webhook", "start": "cold start"}
    lines = ["| field | type | unit | line | meaning |", "|---|---|---|---|---|"]
    for field in FIELDS:
        where = ", ".join(names[line] for line in field.lines)
        lines.append(f"| `{field.name}` | {field.kind} | {field.unit} | {where} | {field.says} |")
    return "\n".join(lines)
