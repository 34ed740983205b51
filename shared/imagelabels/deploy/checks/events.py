"""These checks ask whether each upload and each removal reaches the function exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imagelabels.deploy.checks.finding import error, warning

TRIGGER_MISSING = error(
    "trigger-missing",
    "No trigger starts the function when an object of a bucket changes.",
    "No uploaded picture is labelled.",
    "Add a trigger of the bucket.",
)
TIMER_MISSING = warning(
    "timer-missing",
    "No timer starts a function that looks after the pictures that stand still.",
    "A picture over the budget, or whose deliveries all failed, waits until somebody runs `imagelabels redrive`.",
    "Add the function for the timer and its trigger, as the file that we ship has them.",
)
TIMER_SETTINGS = warning(
    "timer-settings",
    "The function for the timer, or the one for backfills, has other settings than the one that labels.",
    "A picture gets other labels, or is labelled against another budget, when the timer or a backfill labels it.",
    "Give both functions the same settings.",
)
WEBHOOKS_TIMER = warning(
    "webhooks-timer",
    "There is a function for webhooks, and no timer starts it.",
    "No message of a webhook is sent, until somebody runs `imagelabels hook deliver`.",
    "Add the timer as the file that we ship has it, and switch it on.",
)
TRIGGER_FUNCTION = error(
    "trigger-function",
    "A trigger starts a function that the template does not make.",
    "The cloud refuses the trigger, or the events start another function.",
    "Name the function of the template.",
)
TRIGGER_SOURCE = error(
    "trigger-source",
    "A trigger's source is not a bucket of the stack's region and account.",
    "The cloud refuses the trigger, because a bucket starts functions of its own region and account only.",
    "Write the source as acs:oss:<region>:<account>:<bucket>, with the region and the account of the stack.",
)
TRIGGER_OVERLAP = error(
    "trigger-overlap",
    "Two triggers of one bucket report the same event for the same keys.",
    "The cloud refuses the second trigger. Where it takes both, two functions work on the same object.",
    "Use other events, prefixes of which none begins another, or suffixes of which none ends another.",
)
TOO_MANY_TRIGGERS = error(
    "too-many-triggers",
    "A bucket has more triggers than the cloud takes.",
    "The cloud refuses the triggers beyond its limit.",
    "Merge triggers, or use a second bucket.",
)
EVENT_WILDCARD = error(
    "event-wildcard",
    "A trigger names its events with a wildcard.",
    "The wildcard also brings parts of unfinished uploads and copies made by replication. Each of them starts the "
    "function and is paid for, and before the upload is complete there is no object to label.",
    "Name the events one by one, as the file that we ship does.",
)
EVENT_OF_A_PART = error(
    "event-of-a-part",
    "A trigger reports parts of an upload.",
    "The function starts before there is an object, or sees only its beginning.",
    "Remove the event.",
)
EVENT_LOOP = error(
    "event-loop",
    "A trigger reports changes of metadata or tags.",
    "The function writes tags, so what it writes could start it again: every picture would be paid for again and "
    "again, and other programs that change metadata start it too.",
    "Remove the event. The content of a picture does not change with its tags.",
)
EVENT_UNNEEDED = warning(
    "event-unneeded",
    "A trigger reports an event that neither makes nor removes a whole object of a user.",
    "Each such event starts the function and is paid for, and nothing is labelled.",
    "Remove the event.",
)
EVENT_UNKNOWN = error(
    "event-unknown",
    "A trigger names an event that does not exist.",
    "The cloud refuses the trigger, or the event never comes.",
    "Correct the event's name, or remove it.",
)
EVENT_MISSING = error(
    "event-missing",
    "No trigger reports one of the events that make or remove a whole object.",
    "Pictures that arrive in this way are not labelled, or rows of removed pictures stay in the index.",
    "Add the event to the trigger.",
)
TRIGGER_FIELD = error(
    "trigger-field",
    "A trigger's configuration has a field of the wrong name or form.",
    "The cloud refuses the trigger or ignores the field, so that the trigger reports other keys than it seems to.",
    "Give the configuration the fields that the file that we ship has. An empty text stands for any key.",
)
FILTER_WILDCARD = error(
    "filter-wildcard",
    "The prefix or the suffix of a trigger contains * or ?.",
    "The cloud compares these characters literally, so no picture is labelled.",
    "Write the beginning or the end of the keys themselves, or leave the filter empty for all keys.",
)
FILTER_SLASH = error(
    "filter-slash",
    "The prefix of a trigger begins with a slash or with the address of the bucket.",
    "No key begins so, and no picture is labelled.",
    "Write the beginning of the keys without a slash before it, such as photos/.",
)
LETTER_CASE = warning(
    "letter-case",
    "A trigger takes the letters of its suffix in one case only.",
    "Keys that end in the same letters in the other case, as many cameras write them, are never labelled.",
    "Leave the suffix empty, since the function skips what is not a picture, or add a trigger for the other case.",
)

ALL = (
    TRIGGER_MISSING,
    TIMER_MISSING,
    TIMER_SETTINGS,
    WEBHOOKS_TIMER,
    TRIGGER_FUNCTION,
    TRIGGER_SOURCE,
    TRIGGER_OVERLAP,
    TOO_MANY_TRIGGERS,
    EVENT_WILDCARD,
    EVENT_OF_A_PART,
    EVENT_LOOP,
    EVENT_UNNEEDED,
    EVENT_UNKNOWN,
    EVENT_MISSING,
    TRIGGER_FIELD,
    FILTER_WILDCARD,
    FILTER_SLASH,
    LETTER_CASE,
)


CHOOSING = tuple(
    f"IMAGELABELS_{name}"
    for name in (
        "DETECTOR",
        "RECALL",
        "FACES",
        "CI_SCENES",
        "CI_THUMBNAIL",
        "DETECT_FLOOR",
        "POLICY",
        "THRESHOLD",
        "LANGUAGE",
        "TAG_PREFIX",
        "TAG_LIMIT",
        "TAG_VALUE",
        "REUSE",
    )
)
"""These settings say which answer is kept, and which labels and tags are chosen from it."""


def choosing_otherwise(album: Mapping[str, object], labelling: Sequence[Mapping[str, object]]) -> str:
    """Name the settings by which an album function that takes corrections would choose other labels or tags than the
    functions that label; an empty text if it takes none, or agrees with one of them."""
    if album.get("IMAGELABELS_CORRECTIONS") != "on":
        return ""
    differing = [[name for name in CHOOSING if album.get(name) != other.get(name)] for other in labelling]
    return ", ".join(differing[0]) if differing and all(differing) else ""


def differing_settings(timer: Mapping[str, object], labelling: Sequence[Mapping[str, object]]) -> str:
    """Name the settings in which the environment of a timer's function differs from that of the first function that
    labels; an empty text if it agrees with one of those functions, or if there is none."""
    differing = [
        sorted(
            name for name in {*timer, *other} if name.startswith("IMAGELABELS_") and timer.get(name) != other.get(name)
        )
        for other in labelling
    ]
    return ", ".join(differing[0]) if differing and all(differing) else ""
