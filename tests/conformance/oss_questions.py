"""The questions to OSS."""

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
from tests.conformance.steps import LABELS, PICTURE, Question, Step

ERROR = ("xml EC",)
PROCESS = "x-oss-process"


def _question(name: str, says: str, *steps: Step, settles: tuple[str, ...] = (), throwaway: bool = False) -> Question:
    return Question(f"oss-{name}", "aliyun", says, steps, settles, throwaway)


def _append(position: int, body: bytes) -> Step:
    see = ("header ETag", "header x-oss-next-append-position", "header x-oss-hash-crc64ecma")
    return Step("POST", KEY, {"append": "", "position": str(position)}, {}, body, see)


QUESTIONS = (
    *common_questions("oss", "aliyun", ERROR),
    _question(
        "append",
        "The ETag of an object that grew.",
        _append(0, b"a"),
        _append(1, b"b"),
        _append(1, b"c"),
        head(see=("ETag", "x-oss-object-type", "x-oss-next-append-position")),
        settles=("etag-of-append",),
    ),
    _question(
        "link",
        "Symbolic links.",
        put(),
        Step("PUT", "link", {"symlink": ""}, {"x-oss-symlink-target": f"${{folder}}{KEY}"}, see=("header ETag",)),
        Step("GET", "link", {"symlink": ""}, see=("header ETag", "header x-oss-symlink-target")),
        head("link", see=("ETag", "x-oss-object-type", "Content-Length")),
        Step("GET", KEY, {"symlink": ""}, see=ERROR),
        settles=("etag-of-link", "not-a-link"),
    ),
    _question("parts", "The ETag of an object of parts.", *uploaded(), settles=("etag-of-parts",)),
    _question(
        "conditions-of-writes",
        "Whether a write heeds conditions.",
        put(),
        put(body=b"other", headers={"If-Match": '"0"'}, see=ERROR),
        put("new", headers={"If-None-Match": "*"}, see=ERROR),
        put(body=b"third", headers={"If-None-Match": "*"}, see=ERROR),
        get(see=("body",)),
        settles=("conditions-of-writes",),
    ),
    _question(
        "copy",
        "Which headers a copy keeps.",
        put(headers={"Content-Type": "text/css", "x-oss-meta-a": "1"}),
        Step("PUT", "copy", headers={"x-oss-copy-source": f"$source/${{folder}}{KEY}"}, see=("xml ETag",)),
        head("copy", see=("Content-Type", "x-oss-meta-a")),
        Step(
            "PUT",
            "replaced",
            headers={"x-oss-copy-source": f"$source/${{folder}}{KEY}", "x-oss-metadata-directive": "REPLACE"},
        ),
        head("replaced", see=("Content-Type", "x-oss-meta-a")),
        settles=("copy-keeps-type",),
    ),
    _question(
        "wrong-tags",
        "How wrong tags are refused: " + ", ".join(WRONG_TAGS) + ".",
        put(),
        *(tagging(pairs, ERROR) for pairs in WRONG_TAGS.values()),
        tags_read(),
        settles=("codes-of-tag-errors",),
    ),
    _question(
        "image-errors",
        "How image processing refuses.",
        put(),
        *(
            processed({PROCESS: f"image/{action}"}, ERROR, KEY)
            for action in ("resize,w_1", "resize,w_0", "crop,x_9", "rotate,1000", "nothing,w_1", "format,xyz")
        ),
        settles=("codes-of-image-errors",),
    ),
    _question(
        "image-steps",
        "How many steps one request may have.",
        picture(),
        processed({PROCESS: "image" + "/resize,w_1" * 32}, (*ERROR, "picture size")),
        processed({PROCESS: "image" + "/resize,w_1" * 33}, (*ERROR, "picture size")),
        settles=("most-image-steps",),
    ),
    _question(
        "image-sizes",
        "What becomes of sizes that the page does not tell.",
        picture(),
        processed({PROCESS: "image/resize,m_fixed,w_8,h_1"}, ("picture size",)),
        processed({PROCESS: "image/resize,m_fixed,w_8,h_3"}, ("picture size",)),
        processed({PROCESS: "image/indexcrop,x_100,i_0"}, (*ERROR, "picture size")),
        settles=("larger-by-pixels", "large-piece"),
    ),
    _question(
        "image-transparency",
        "What a transparent PNG becomes as a JPEG.",
        picture(),
        processed({PROCESS: "image/crop,x_1,y_1,w_1,h_1/format,jpg"}, ("picture size", "picture corner")),
        settles=("copies-of-png",),
    ),
    _question(
        "process-body",
        "How large the body of ?x-oss-process may be.",
        put(),
        Step("POST", KEY, {PROCESS: ""}, {}, b"x-oss-process=" + b"a" * 65_537, ERROR, price=PICTURE),
        settles=("largest-process-body",),
    ),
    _question(
        "labels",
        "How image/labels refuses what is no picture. The bucket must be bound to an IMM project.",
        put(),
        processed({PROCESS: "image/labels"}, ERROR, KEY, LABELS),
        settles=("refusals-of-oss-labels", "meaning-of-label-refusals"),
    ),
    _question(
        "worm",
        "What a bucket without retention policies answers.",
        *(Step("GET", None, {name: ""}, see=("xml Message", *ERROR)) for name in ("worm", "objectWorm", "metaQuery")),
        settles=("errors-of-worm",),
        throwaway=True,
    ),
    _question(
        "settings",
        "What a bucket answers for settings that it does not have.",
        *(
            Step("GET", None, query, see=ERROR)
            for query in (
                {"inventory": "", "inventoryId": "a"},
                {"style": "", "styleName": "a"},
                {"transferAcceleration": ""},
                {"policy": ""},
            )
        ),
        settles=("codes-of-oss-settings",),
        throwaway=True,
    ),
)
