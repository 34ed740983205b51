"""The tables of the index file. Rows carry `schema`, and a reader takes what it knows of them."""

from imagelabels.domain.model import SCHEMA

LAYOUT = 1
"""Number of this set of tables (PRAGMA user_version): it grows with every change of them."""

APPLICATION = 0x696C6162
"""Marks the file as ours (PRAGMA application_id): the letters ilab."""

# URIs and keys are bytes (rows.octets): a key may hold what is not Unicode text, and prefix and order are by bytes.
# `record` is the rest of ImageRecord; `confidence` is that of its surest label. A row without `record` was only ever
# locked, or waits: then `state` and `waiting` say so. `lock_until`, `until`, `updated_at`: milliseconds.
_IMAGES = f"""
CREATE TABLE images (
    id INTEGER PRIMARY KEY, pk TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL DEFAULT {SCHEMA},
    uri BLOB NOT NULL, store TEXT NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT,
    state TEXT, reason TEXT, waiting TEXT, updated_at INTEGER, confidence REAL, record TEXT,
    lock TEXT, lock_until INTEGER, lock_event TEXT
)"""

# One posting per label id of a labelled row, and per id that its answer named above one.
_LABELS = """
CREATE TABLE labels (
    label TEXT NOT NULL, confidence REAL NOT NULL, image INTEGER NOT NULL, PRIMARY KEY (label, confidence, image)
) WITHOUT ROWID"""

STATEMENTS = (
    _IMAGES,
    _LABELS,
    # Each order of a search, walked without sorting; only labelled rows are found.
    "CREATE INDEX images_newest ON images (updated_at DESC, uri) WHERE state = 'labelled'",
    "CREATE INDEX images_confidence ON images (confidence DESC, uri) WHERE state = 'labelled'",
    "CREATE INDEX images_uri ON images (uri) WHERE state = 'labelled'",
    "CREATE INDEX labels_image ON labels (image, label)",
    f"""
CREATE TABLE answers (
    answer_id TEXT PRIMARY KEY, schema INTEGER NOT NULL DEFAULT {SCHEMA},
    state TEXT NOT NULL CHECK (state IN ('calling', 'ok', 'refused')), owner TEXT NOT NULL, until INTEGER, answer TEXT
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
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
