"""The questions to Tablestore, which its SDK asks in a table of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tablestore import (
    INF_MAX,
    CapacityUnit,
    ComparatorType,
    Condition,
    OTSClient,
    OTSClientError,
    OTSServiceError,
    ReservedThroughput,
    Row,
    RowExistenceExpectation,
    SingleColumnCondition,
    TableMeta,
    TableOptions,
)
from tablestore.retry import NoRetryPolicy
from urllib3.exceptions import HTTPError

from tests.conformance.asking import DIFFERS, HOLDS, NOT_ASKED, Difference, Finding
from tests.conformance.refusing import Leftovers, Refused
from tests.conformance.spending import LimitReached, Spending
from tests.conformance.steps import REQUEST
from tests.conformance.stores import Keys

TABLE = "imagelabels_conformance"
LOGGER = "tests.conformance.tablestore"
NO_TABLE = "imagelabels_conformance_none"
AROUND = 4
"""Requests besides the questions: list, create, list and delete the table."""
NO_ANSWER = (OTSClientError, HTTPError)
"""What the SDK raises if the service does not answer, or not in its form."""
Calls = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class TablestoreQuestion:
    """Calls of the SDK by what they are, each of which is one request."""

    name: str
    says: str
    calls: Calls
    settles: tuple[str, ...] = ()


def _key(number: int) -> list[tuple[str, int]]:
    return [("id", number)]


def _when(column: str, passes: bool) -> Condition:
    test = SingleColumnCondition(column, 1, ComparatorType.EQUAL, pass_if_missing=passes)
    return Condition(RowExistenceExpectation.IGNORE, test)


def _wide(count: int) -> Row:
    return Row(_key(5), [(f"c{number}", number) for number in range(count)])


QUESTIONS = (
    TablestoreQuestion(
        "ots-missing",
        "What is not there.",
        {
            "GetRow of a missing table": lambda client: client.get_row(NO_TABLE, _key(1)),
            "GetRow of a missing row": lambda client: client.get_row(TABLE, _key(99)),
            "PutRow that expects a missing row": lambda client: client.put_row(
                TABLE, Row(_key(98), [("c", 1)]), Condition(RowExistenceExpectation.EXPECT_EXIST)
            ),
        },
    ),
    TablestoreQuestion(
        "ots-condition-on-missing-row",
        "Whether a row that does not exist meets a condition.",
        {
            "PutRow, which passes if missing": lambda client: client.put_row(
                TABLE, Row(_key(1), [("d", 1)]), _when("c", True)
            ),
            "UpdateRow, which passes if missing": lambda client: client.update_row(
                TABLE, Row(_key(2), {"PUT": [("d", 1)]}), _when("c", True)
            ),
            "UpdateRow, which does not": lambda client: client.update_row(
                TABLE, Row(_key(3), {"PUT": [("d", 1)]}), _when("c", False)
            ),
        },
        ("condition-on-missing-row", "lock-on-missing-row"),
    ),
    TablestoreQuestion(
        "ots-increment-with-condition",
        "Whether a count may stand under a condition.",
        {
            "PutRow": lambda client: client.put_row(TABLE, Row(_key(4), [("n", 1)]), _when("c", True)),
            "UpdateRow": lambda client: client.update_row(
                TABLE, Row(_key(4), {"INCREMENT": [("n", 2)]}), _when("c", True)
            ),
            "GetRow": lambda client: client.get_row(TABLE, _key(4), max_version=1),
        },
        ("increment-with-condition", "count-under-condition"),
    ),
    TablestoreQuestion(
        "ots-sizes",
        "How too many columns are refused.",
        {"PutRow of 1025 columns": lambda client: client.put_row(TABLE, _wide(1025), _when("c", True))},
        ("messages-on-sizes",),
    ),
    TablestoreQuestion(
        "ots-bounds",
        "How a bound is refused as a key.",
        {"PutRow with INF_MAX": lambda client: client.put_row(TABLE, Row([("id", INF_MAX)], []), _when("c", True))},
    ),
)


def needed() -> int:
    """Return the most requests that all questions take."""
    return AROUND + sum(len(question.calls) for question in QUESTIONS)


def client(address: str, keys: Keys, instance: str) -> Any:
    """Return a client that sends each request once, so that what is sent can be counted, and logs no refusals."""
    logging.getLogger(LOGGER).setLevel(logging.CRITICAL)
    return OTSClient(
        address,
        keys.id,
        keys.secret,
        instance,
        sts_token=keys.token or None,
        retry_policy=NoRetryPolicy(),
        logger_name=LOGGER,
    )


class Instance:
    """A Tablestore instance. `spending` is None for the emulator."""

    def __init__(self, client: Any, spending: Spending | None = None) -> None:
        self._client, self._spending = client, spending

    def call(self, ask: Callable[[Any], Any]) -> Any:
        if self._spending is not None:
            self._spending.take(REQUEST)
        return ask(self._client)

    def lacks(self, requests: int) -> bool:
        """Tell whether the limits do not allow so many requests."""
        return self._spending is not None and not self._spending.allows(requests, requests * REQUEST)

    def has_table(self) -> bool:
        return TABLE in self.call(lambda client: client.list_table())

    def create(self) -> None:
        meta = TableMeta(TABLE, [("id", "INTEGER")])
        self.call(lambda client: client.create_table(meta, TableOptions(), ReservedThroughput(CapacityUnit(0, 0))))

    def drop(self) -> None:
        self.call(lambda client: client.delete_table(TABLE))


def compare(question: TablestoreQuestion, real: Instance, emulator: Instance) -> Finding:
    differences = list[Difference]()
    for name, ask in question.calls.items():
        theirs, ours = (_seen(instance, ask) for instance in (real, emulator))
        differences += [
            Difference(name, fact, theirs[fact], ours[fact]) for fact in theirs if theirs[fact] != ours[fact]
        ]
    return Finding(question.name, question.says, DIFFERS if differences else HOLDS, "", tuple(differences))


def ask_all(real: Instance, emulator: Instance) -> Generator[Finding, None, None]:
    """Ask all questions in a table that did not exist before, and remove it whatever happens.

    Refused if the table exists, or if the limits are too low for all questions.
    """
    if real.lacks(needed()):
        raise Refused(f"the limits are too low: the questions to Tablestore take {needed()} requests")
    if real.has_table():
        raise Refused(f"the table {TABLE} exists: remove it with --clean-up if an earlier run left it behind")
    if emulator.has_table():
        emulator.drop()
    try:
        for instance in (real, emulator):
            instance.create()
        for question in QUESTIONS:
            yield _asked(question, real, emulator)
    finally:
        try:
            if real.has_table():
                real.drop()
        except (KeyboardInterrupt, OTSServiceError, *NO_ANSWER) as error:
            why = f"The table {TABLE} may be left ({type(error).__name__})."
            raise Leftovers(f"{why} Run the program again with --clean-up.") from None
        # Ctrl-C ends an emulator that was started for the questions, too. It needs no cleaning then.
        with suppress(*NO_ANSWER):
            if emulator.has_table():
                emulator.drop()


def _asked(question: TablestoreQuestion, real: Instance, emulator: Instance) -> Finding:
    try:
        return compare(question, real, emulator)
    except LimitReached as error:
        return Finding(question.name, question.says, NOT_ASKED, str(error))
    except NO_ANSWER as error:
        return Finding(question.name, question.says, NOT_ASKED, f"no answer ({type(error).__name__})")


def _seen(instance: Instance, ask: Callable[[Any], Any]) -> dict[str, str]:
    try:
        answer = instance.call(ask)
    except OTSServiceError as error:
        return {"status": str(error.http_status), "code": error.code, "message": error.message, "columns": ""}
    row = answer[1] if isinstance(answer, tuple) else None
    columns = sorted((column[0], column[1]) for column in row.attribute_columns) if row is not None else []
    return {"status": "200", "code": "", "message": "", "columns": str(columns)}
