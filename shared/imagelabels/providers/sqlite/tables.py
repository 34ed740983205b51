"""Defines the tables of the index file. Rows carry `schema`, and a reader takes what it knows of them."""

from imagelabels.domain.model import SCHEMA

LAYOUT = 2
"""This set of tables has this number (PRAGMA user_version), which grows with every change."""

APPLICATION = 0x696C6162
"""The letters ilab mark the file as ours (PRAGMA application_id)."""

MOVING = "images_of_layout_1"
"""While a migration is under way, this table has the rows that are still to come."""

# URIs, keys and label ids are bytes (rows.octets): a key may hold what is not Unicode text, and prefix and order are by
# bytes. `confidence` is that of the row's surest label; `modified` is the object's. A row without a record was only
# ever locked, or waits: then `state` and `waiting` say so. `lock_until`, `until`, `updated_at`, `modified` are
# milliseconds.
IMAGES = f"""
CREATE TABLE images (
    id INTEGER PRIMARY KEY, pk TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL DEFAULT {SCHEMA},
    uri BLOB NOT NULL, store TEXT NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT,
    state TEXT, reason TEXT, waiting TEXT, updated_at INTEGER, modified INTEGER, confidence REAL,
    lock TEXT, lock_until INTEGER, lock_event TEXT
)"""

NOT_DONE = "state IN ('parked', 'waiting') OR waiting IS NOT NULL"
"""A row with this condition is not done, unless a delivery is at work on it."""
UNFINISHED = f"CREATE INDEX IF NOT EXISTS images_unfinished ON images (uri) WHERE {NOT_DONE} OR lock IS NOT NULL"
LATER = {
    "images_unfinished": UNFINISHED,
    "albums": """
CREATE TABLE IF NOT EXISTS albums (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, pins INTEGER NOT NULL DEFAULT 0, album TEXT NOT NULL
) WITHOUT ROWID""",
    "pins": """
CREATE TABLE IF NOT EXISTS pins (
    album TEXT NOT NULL, uri BLOB NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('in', 'out')), at INTEGER NOT NULL,
    PRIMARY KEY (album, uri)
) WITHOUT ROWID""",
    "tokens": """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, revoked_at INTEGER, token TEXT NOT NULL
)""",
    # A number is never given twice, also after the last line was removed: https://www.sqlite.org/autoinc.html
    "changes": """
CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, removed INTEGER NOT NULL, uri BLOB NOT NULL,
    image INTEGER NOT NULL
)""",
    "webhooks": """
CREATE TABLE IF NOT EXISTS webhooks (id TEXT PRIMARY KEY, version INTEGER NOT NULL, hook TEXT NOT NULL)""",
    "webhook_deliveries": """
CREATE TABLE IF NOT EXISTS webhook_deliveries (
    hook TEXT NOT NULL, picture TEXT NOT NULL, number INTEGER NOT NULL, uri BLOB NOT NULL, delivery TEXT NOT NULL,
    PRIMARY KEY (hook, picture, number)
) WITHOUT ROWID""",
    "webhook_known": """
CREATE TABLE IF NOT EXISTS webhook_known (
    hook TEXT NOT NULL, picture TEXT NOT NULL, uri BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (hook, picture)
) WITHOUT ROWID""",
}
"""These came later than the layout: they are made where they are missing."""

FAILURES = "failures INTEGER NOT NULL DEFAULT 0"
"""This column of `answers` came later than the layout, and is added where it is missing. It counts the attempts in a
row that failed before a claim."""
ADD_FAILURES = f"ALTER TABLE answers ADD COLUMN {FAILURES}"

SEARCHED = (
    # The rest of ImageRecord, apart from what a search looks through on its way.
    "CREATE TABLE records (image INTEGER PRIMARY KEY, record TEXT NOT NULL)",
    # Every id that a row was ever found by; postings and facets name it by its number; none is ever deleted.
    "CREATE TABLE names (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE)",
    # One per label id of a labelled row, and per id that its answer named above one. New rows are written at the end of
    # each label's part: the confidence in front of the image would scatter them all over the file.
    """
CREATE TABLE postings (
    label INTEGER NOT NULL, image INTEGER NOT NULL, confidence REAL NOT NULL, PRIMARY KEY (label, image)
) WITHOUT ROWID""",
    # All postings of a labelled row in two values (facets.py), so that counting reads one short row per picture, and an
    # erased row needs no second index to find its postings.
    "CREATE TABLE facets (image INTEGER PRIMARY KEY, numbers BLOB NOT NULL, confidences BLOB NOT NULL)",
    # Each order of a search, walked without sorting, and each condition that may leave few rows. Confidences of few
    # digits have many rows each: without the URI new ones are written side by side, and equals are sorted when asked.
    "CREATE INDEX images_newest ON images (state, updated_at DESC, uri) WHERE state IS NOT NULL",
    "CREATE INDEX images_confidence ON images (state, confidence DESC) WHERE state IS NOT NULL",
    "CREATE INDEX images_uri ON images (state, uri) WHERE state IS NOT NULL",
    "CREATE INDEX images_modified ON images (state, modified) WHERE state IS NOT NULL",
    UNFINISHED,
)

STATEMENTS = (
    IMAGES,
    *SEARCHED,
    f"""
CREATE TABLE answers (
    answer_id TEXT PRIMARY KEY, schema INTEGER NOT NULL DEFAULT {SCHEMA},
    state TEXT NOT NULL CHECK (state IN ('calling', 'ok', 'refused')), owner TEXT NOT NULL, until INTEGER, answer TEXT,
    {FAILURES}
)""",
    f"""
CREATE TABLE budgets (
    detector TEXT PRIMARY KEY, schema INTEGER NOT NULL DEFAULT {SCHEMA},
    calls_all INTEGER NOT NULL DEFAULT 0, held TEXT, held_until INTEGER
)""",
    f"""
CREATE TABLE events (
    image TEXT NOT NULL, event_id TEXT NOT NULL, schema INTEGER NOT NULL DEFAULT {SCHEMA},
    at INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (image, event_id)
)""",
    *LATER.values(),
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
