"""The questions to COS."""

from __future__ import annotations

from tests.conformance.recipes import (
    KEY,
    WRONG_TAGS,
    common_questions,
    get,
    head,
    picture,
    processed,
    put,
    tagging,
    tags_read,
    uploaded,
)
from tests.conformance.steps import ARCHIVE, LABELS, Question, Step


def _question(name: str, says: str, *steps: Step, settles: tuple[str, ...] = (), throwaway: bool = False) -> Question:
    return Question(f"cos-{name}", "tencent", says, steps, settles, throwaway)


def _append(position: int, body: bytes) -> Step:
    see = ("header ETag", "header x-cos-next-append-position")
    return Step("POST", KEY, {"append": "", "position": str(position)}, {}, body, see)


def _restore(days: int) -> Step:
    tier = "<CASJobParameters><Tier>Standard</Tier></CASJobParameters>"
    body = f"<RestoreRequest><Days>{days}</Days>{tier}</RestoreRequest>".encode()
    return Step("POST", KEY, {"restore": ""}, {"Content-Type": "application/xml"}, body, price=ARCHIVE)


def _versioning(status: str) -> Step:
    body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>".encode()
    return Step("PUT", None, {"versioning": ""}, {"Content-Type": "application/xml"}, body)


QUESTIONS = (
    *common_questions("cos", "tencent", ()),
    _question(
        "copy",
        "Which headers a copy keeps.",
        put(headers={"Content-Type": "text/css", "x-cos-meta-a": "1"}),
        Step("PUT", "copy", headers={"x-cos-copy-source": f"$source/${{folder}}{KEY}"}, see=("xml ETag",)),
        head("copy", see=("Content-Type", "x-cos-meta-a")),
    ),
    _question(
        "append",
        "The ETag of an object that grew.",
        _append(0, b"a"),
        _append(1, b"b"),
        _append(1, b"c"),
        head(see=("ETag", "x-cos-object-type")),
        settles=("etag-of-append",),
    ),
    _question(
        "link",
        "Symbolic links.",
        put(),
        Step("PUT", "link", {"symlink": ""}, {"x-cos-symlink-target": f"${{folder}}{KEY}"}, see=("header ETag",)),
        Step("GET", "link", {"symlink": ""}, see=("header ETag", "header x-cos-symlink-target")),
        head("link", see=("ETag", "x-cos-object-type", "Content-Length")),
        Step("GET", KEY, {"symlink": ""}),
        settles=("etag-of-link", "not-a-link", "type-of-link"),
    ),
    _question("parts", "The ETag of an object of parts.", *uploaded(), settles=("etag-of-parts",)),
    _question(
        "conditions-of-writes",
        "Whether a write heeds conditions.",
        put(),
        put(body=b"other", headers={"If-Match": '"0"'}),
        put("new", headers={"If-None-Match": "*"}),
        put(body=b"third", headers={"If-None-Match": "*"}),
        get(see=("body",)),
        settles=("conditions-of-writes",),
    ),
    _question(
        "wrong-tags",
        "How wrong tags are refused: " + ", ".join(WRONG_TAGS) + ".",
        put(),
        *(tagging(pairs, ()) for pairs in WRONG_TAGS.values()),
        tags_read(),
        settles=("codes-of-cos-tags",),
    ),
    _question(
        "wrong-token",
        "How a wrong token is refused.",
        put(),
        get(headers={"x-cos-security-token": "wrong"}),
        head(headers={"x-cos-security-token": "wrong"}),
        settles=("codes-of-cos-tokens",),
    ),
    _question(
        "image-errors",
        "How image processing refuses.",
        put(),
        picture(),
        processed({"imageMogr2/thumbnail/1x1": ""}, ("header X-ErrNo",), KEY),
        processed({"imageMogr2/thumbnail/0x0": ""}, ("header X-ErrNo",)),
        processed({"imageMogr2/blur/50x100": ""}, ("picture size",)),
        processed({"imageMogr2/blur/50x200": ""}, ("header X-ErrNo", "picture size")),
        settles=("codes-of-cos-images", "largest-sigma"),
    ),
    _question(
        "image-crop",
        "From where a picture is cropped without gravity, and what a transparent PNG becomes as a JPEG.",
        picture(),
        processed({"imageMogr2/crop/2x2": ""}, ("picture size", "picture corner")),
        processed({"imageMogr2/cut/1x1x1x1/format/jpg": ""}, ("picture size", "picture corner")),
        settles=("default-gravity", "copies-of-png"),
    ),
    _question(
        "labels",
        "How detect-label refuses what is no picture.",
        put(),
        processed({"ci-process": "detect-label"}, (), KEY, LABELS),
        settles=("refusals-of-cos-labels", "meaning-of-detect-label"),
    ),
    _question(
        "restore",
        "For how many days an object can be restored. It has 5 bytes, and is billed for its least time.",
        Step("PUT", KEY, headers={"x-cos-storage-class": "ARCHIVE"}, body=b"hello", price=ARCHIVE),
        get(),
        _restore(366),
        _restore(1),
        _restore(1),
        settles=("longest-restoring",),
    ),
    _question(
        "object-lock",
        "What a bucket without object lock answers.",
        Step("GET", None, {"object-lock": ""}),
        settles=("no-object-lock",),
        throwaway=True,
    ),
    _question(
        "settings",
        "What a bucket answers for settings that it does not have.",
        *(
            Step("GET", None, query)
            for query in ({"inventory": "", "id": "a"}, {"policy": ""}, {"tagging": ""}, {"lifecycle": ""})
        ),
        settles=("codes-of-cos-settings",),
        throwaway=True,
    ),
    _question(
        "append-with-versions",
        "Appending where versions are kept. It turns versioning on and suspends it.",
        _versioning("Enabled"),
        _append(0, b"a"),
        _versioning("Suspended"),
        settles=("appending-with-versions",),
        throwaway=True,
    ),
)
