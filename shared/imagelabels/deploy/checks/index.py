"""These checks ask whether the function has an index that lasts and can be searched, and a log that can be read."""

from __future__ import annotations

from imagelabels.deploy.checks.finding import error, warning

INDEX_UNSET = error(
    "index-unset",
    "The function has no index.",
    "The function refuses to start, and no picture is labelled.",
    "Set IMAGELABELS_INDEX to tablestore://INSTANCE.",
)
INDEX_DOES_NOT_LAST = error(
    "index-does-not-last",
    "The index is a file in a folder of the function that does not last.",
    "Every new instance begins with an empty index: labels cannot be found, and pictures are paid for again.",
    "Use an index in Tablestore, or on a file system that is mounted.",
)
INDEX_OUT_OF_REACH = error(
    "index-out-of-reach",
    "The function lacks the address, the region or the keys that it needs to reach its index.",
    "Every event fails, and no picture is labelled.",
    "Set the variable that the message names.",
)
INDEX_ELSEWHERE = warning(
    "index-elsewhere",
    "The template does not make the Tablestore instance that the function uses.",
    "If the instance or its tables do not exist, every event fails.",
    "Run `imagelabels index create` for that instance, or make it in the template.",
)
TABLE_MISSING = error(
    "table-missing",
    "The template makes the Tablestore instance, but not every table of the index.",
    "Every event fails, and no picture is labelled.",
    "Add the table as the template that we ship has it, or run `imagelabels index create`.",
)
TABLE_DIFFERS = error(
    "table-differs",
    "A table of the index has another key, another time to live or another number of versions.",
    "Writes to the table fail, or rows disappear.",
    "Give the table the properties that the template that we ship gives it.",
)
SEARCH_INDEX_MISSING = error(
    "search-index-missing",
    "The template makes the tables, but not the search index.",
    "Pictures are labelled, and `imagelabels search` fails.",
    "Add the search index as the template that we ship has it, or run `imagelabels index create`.",
)
SEARCH_INDEX_FIELDS = error(
    "search-index-fields",
    "The search index lacks a field, or has it with another type.",
    "Searches by this field fail or find nothing.",
    "Give the search index the fields that the template that we ship gives it.",
)
LOG_MISSING = warning(
    "log-missing",
    "The function keeps no log.",
    "Nobody can see why a picture has no labels.",
    "Give the function a LogConfig.",
)
LOG_INDEX_FIELDS = warning(
    "log-index-fields",
    "The log store has no index of a field that the function writes.",
    "The logs cannot be searched or counted by this field, so dashboards stay empty.",
    "Give the log store the index that the template that we ship has.",
)

ALL = (
    INDEX_UNSET,
    INDEX_DOES_NOT_LAST,
    INDEX_OUT_OF_REACH,
    INDEX_ELSEWHERE,
    TABLE_MISSING,
    TABLE_DIFFERS,
    SEARCH_INDEX_MISSING,
    SEARCH_INDEX_FIELDS,
    LOG_MISSING,
    LOG_INDEX_FIELDS,
)
