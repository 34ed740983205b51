"""The closed lists: the states that an object can be in, the reasons for them, and the notes beside them.

Members are texts and print as such, so that rows, JSON and printed lines hold the plain words.
"""

from __future__ import annotations

from enum import Enum


class State(str, Enum):
    """What became of an object, or of one event. Rows have the first five; the others are of events alone."""

    LABELLED = "labelled"
    SKIPPED = "skipped"
    """There are no labels, which is final for this content."""
    PARKED = "parked"
    """It waits until a person or a timer lets it go on."""
    WAITING = "waiting"
    """It is raised, so that the platform delivers the event again."""
    FAILED = "failed"
    """A person must act."""
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    UNDONE = "undone"

    def __str__(self) -> str:
        return self.value


class Reason(str, Enum):
    """Why an object has no labels, or an event is not done. Each belongs to one state."""

    NOT_IMAGE = "not_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    EMPTY = "empty"
    FOLDER_MARKER = "folder_marker"
    ARCHIVED = "archived"
    TOO_COSTLY = "too_costly"
    CORRUPT = "corrupt"
    EXCLUDED = "excluded"
    SYMLINK = "symlink"
    UNSIGNABLE_KEY = "unsignable_key"
    DETECTOR_REFUSED = "detector_refused"

    BUDGET = "budget"
    FORBIDDEN = "forbidden"
    DETECTOR_UNBOUND = "detector_unbound"
    DETECTOR_FAILING = "detector_failing"
    """The detector was called several times for this content, and billed perhaps, and never answered."""

    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    STORE_ERROR = "store_error"
    DETECTOR_ERROR = "detector_error"
    INDEX_ERROR = "index_error"
    BUSY = "busy"
    UNSETTLED = "unsettled"
    CREDENTIALS_EXPIRED = "credentials_expired"

    TAGS_REFUSED = "tags_refused"
    BAD_EVENT = "bad_event"

    def __str__(self) -> str:
        return self.value

    @property
    def state(self) -> State:
        """The state that this reason belongs to."""
        return _STATES.get(self, State.SKIPPED)

    @property
    def may_pass(self) -> bool:
        """Whether the reason has nothing to do with the picture, and may be gone another time."""
        return self.state in (State.WAITING, State.PARKED)


_STATES = {
    **dict.fromkeys((Reason.BUDGET, Reason.FORBIDDEN, Reason.DETECTOR_UNBOUND, Reason.DETECTOR_FAILING), State.PARKED),
    **dict.fromkeys(
        (
            Reason.THROTTLED,
            Reason.TIMEOUT,
            Reason.STORE_ERROR,
            Reason.DETECTOR_ERROR,
            Reason.INDEX_ERROR,
            Reason.BUSY,
            Reason.UNSETTLED,
            Reason.CREDENTIALS_EXPIRED,
        ),
        State.WAITING,
    ),
    **dict.fromkeys((Reason.TAGS_REFUSED, Reason.BAD_EVENT), State.FAILED),
}
"""All reasons but the final ones."""


PARKED = frozenset(reason for reason in Reason if reason.state is State.PARKED)
WAITING = frozenset(reason for reason in Reason if reason.state is State.WAITING)


def reason_of(word: str) -> Reason:
    """Return the reason that is called so; ValueError for a word that is not on the closed list."""
    try:
        return Reason(word)
    except ValueError:
        raise ValueError(f"{word!r} is not a reason on the closed list") from None


class Note(str, Enum):
    """What is noted beside a state. The formats of pictures that no detector reads stay plain texts: format_note."""

    NO_LABELS = "no_labels"
    TAGS_LEFT_OUT = "tags_left_out"
    TAG_TAKEN = "tag_taken"
    CORRECTED = "corrected"
    KEY_DECODED = "key_decoded"
    TAGS_NOT_SEEN = "tags_not_seen"
    """The object may still have tags of ours that speak of an earlier content."""
    TAGS_INHERITED = "tags_inherited"
    """An upload got tags of the user's from the picture before it."""

    def __str__(self) -> str:
        return self.value


def format_note(name: str) -> str:
    """Return the note that says which format it is that is not read: counting these says what to convert."""
    return f"format_{name}"


def known_note(word: str) -> Note | str:
    """Return the note of that name, else the word: rows may hold formats, and notes of other versions."""
    return Note(word) if word in _NOTES else word


def known_reason(word: str) -> Reason | str:
    """Return the reason of that name, else the word: a row may hold a reason of a newer version."""
    return Reason(word) if word in _REASONS else word


_NOTES = frozenset(note.value for note in Note)
_REASONS = frozenset(reason.value for reason in Reason)
