"""The Tablestore ledger where the contract suites do not look: its calls, limits, and doubts about the service."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.aliyun.tablestore.context import Switches
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import SCHEMA
from imagelabels.ports import MARGIN, Claim, StoredRow
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.budgets import OLD_SECONDS
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import BUDGETS, IMAGES, KEYS
from tests.contract.samples import ANSWER, NOW, REF, entry, label, put, record
from tests.contract.tablestore_provider import instance
from tests.providers.aliyun.spoiled import Spoiler, spoiled
from tests.world import K, World

UNTIL = NOW + 30
DOUBTS = [
    Switches(),
    Switches(missing_rows_as_empty=False),
    Switches(increments_with_conditions=False),
    Switches(missing_rows_as_empty=False, increments_with_conditions=False),
]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Instance]:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        yield opened


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[TablestoreLedger, Spoiler]]:
    with spoiled(tmp_path) as (opened, spoiler, _):
        index_setup.create_tables(opened)
        spoiler.asked.clear()
        yield TablestoreLedger(opened), spoiler


@pytest.mark.parametrize("switches", DOUBTS, ids=lambda switches: f"{switches.missing_rows_as_empty}")
def test_locks_and_budgets_hold_whatever_the_service_does_where_no_page_says_it(
    tmp_path: Path, switches: Switches
) -> None:
    with instance(tmp_path, switches=switches) as opened:
        index_setup.create_tables(opened)
        ledger = TablestoreLedger(opened)
        assert ledger.lock(REF, "a", UNTIL, NOW, "e1")
        assert ledger.lock(REF, "a", UNTIL, NOW, "e1")
        assert not ledger.lock(REF, "b", UNTIL + 9, NOW, "e2")
        assert ledger.row(REF) == StoredRow(None, None, "a", UNTIL)
        assert ledger.lock(REF, "b", UNTIL + 60, UNTIL + MARGIN + 1, "e2")
        assert not ledger.finish(REF, "a", record(), entry("e1"))
        assert ledger.finish(REF, "b", record(), entry("e2"))
        assert [ledger.take("oss", "oss://photos", NOW) for _ in range(3)] == [None] * 3
        assert opened.get(BUDGETS, ("oss",)) == {"calls_all": 3, "calls_20231114": 3}
        ledger.hold("oss", "oss://photos", "forbidden", UNTIL)
        assert ledger.take("oss", "oss://photos", NOW) == "forbidden"
        assert ledger.take("oss", "oss://photos", UNTIL) is None
        ledger.hold("imm", "oss://photos", "forbidden", UNTIL)
        assert ledger.take("imm", "oss://photos", NOW) == "forbidden"
        assert ledger.take("imm", "oss://photos", UNTIL + 1) is None


@pytest.mark.parametrize("counts_under_conditions", [True, False])
def test_the_counts_of_old_seconds_do_not_pile_up_where_some_calls_are_refused(
    tmp_path: Path, counts_under_conditions: bool
) -> None:
    with instance(tmp_path, switches=Switches(increments_with_conditions=counts_under_conditions)) as opened:
        index_setup.create_tables(opened)
        ledger, limits = TablestoreLedger(opened), Limits(per_second=1)
        ledger.hold("imm", "oss://held", "forbidden", NOW + 1000)
        for second in range(20):
            assert ledger.take("imm", "oss://held", NOW + second, limits) == "forbidden"
            assert ledger.take("imm", "oss://photos", NOW + second, limits) is None
        columns = [name for name in opened.get(BUDGETS, ("imm",)) or {} if name.startswith("second_")]
        assert len(columns) <= OLD_SECONDS + 2


def test_a_new_picture_takes_twelve_calls_and_five_of_them_to_tablestore(
    watched: tuple[TablestoreLedger, Spoiler],
) -> None:
    ledger, spoiler = watched
    world = World(ledger)
    world.user_puts(K, "cat")()
    world.wait(1)
    worker = world.worker()
    worker.gets(K)
    assert world.state(K) == "labelled"
    assert len(worker.wire.calls) == 12
    asked = spoiler.asked[:-1]  # the last one was the look at the state just now
    assert sorted(asked) == ["BatchWriteRow", "PutRow", "UpdateRow", "UpdateRow", "UpdateRow"]
    assert sum(call.startswith("ledger.") for call in worker.wire.calls) == len(asked)


def test_a_duplicate_takes_five_calls_to_tablestore_and_a_removal_two(
    watched: tuple[TablestoreLedger, Spoiler],
) -> None:
    ledger, spoiler = watched
    world = World(ledger)
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    spoiler.asked.clear()
    world.worker().gets(K, event_id="again")
    assert sorted(spoiler.asked) == ["BatchWriteRow", "GetRow", "GetRow", "PutRow", "UpdateRow"]
    world.objects.delete(K)
    spoiler.asked.clear()
    world.worker().gets(K, kind="removed", event_id="gone")
    assert spoiler.asked == ["UpdateRow", "BatchWriteRow"]
    assert [line.state for line in ledger.history(K)] == ["labelled", "unchanged", "removed"]


def test_a_line_of_history_whose_row_did_not_change_is_taken_back(watched: tuple[TablestoreLedger, Spoiler]) -> None:
    ledger, spoiler = watched
    put(ledger, record(), "e1")
    spoiler.asked.clear()
    assert not ledger.finish(REF, "sleeper", record(state="skipped", reason="corrupt"), entry("e1", "skipped"))
    assert spoiler.asked == ["BatchWriteRow", "DeleteRow"]
    assert ledger.history(REF) == (entry("e1"),)


def test_a_late_line_of_the_same_event_does_not_replace_that_of_who_finished(opened: Instance) -> None:
    ledger = TablestoreLedger(opened)
    assert ledger.lock(REF, "slow", UNTIL, NOW, "e1")
    assert ledger.lock(REF, "quick", UNTIL + 60, UNTIL + MARGIN + 1, "e1")
    assert ledger.finish(REF, "quick", record(), entry("e1", "labelled", at=7))
    assert not ledger.finish(REF, "slow", None, entry("e1", "skipped", at=9))
    assert ledger.history(REF) == (entry("e1", "labelled", at=7),)


def test_a_claim_that_was_given_back_between_two_calls_is_asked_for_again(
    opened: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = TablestoreLedger(opened)
    assert ledger.claim("c1", "a", UNTIL, NOW) == Claim("mine")
    whole = opened.get

    def given_back(*args: object) -> object:
        monkeypatch.setattr(opened, "get", whole)
        ledger.give_back("c1", "a")
        return whole(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(opened, "get", given_back)
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("busy")
    assert ledger.claim("c1", "b", UNTIL, NOW) == Claim("mine")


def test_a_dead_claim_goes_to_one_of_two_who_saw_it(opened: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = TablestoreLedger(opened)
    assert ledger.claim("c1", "dead", UNTIL, NOW) == Claim("mine")
    whole = opened.get

    def taken_meanwhile(*args: object) -> object:
        monkeypatch.setattr(opened, "get", whole)
        seen = whole(*args)  # type: ignore[arg-type]
        assert ledger.claim("c1", "quick", UNTIL + 99, UNTIL + 1) == Claim("mine", failures=1)
        return seen

    monkeypatch.setattr(opened, "get", taken_meanwhile)
    assert ledger.claim("c1", "slow", UNTIL + 99, UNTIL + 1) == Claim("busy")
    assert ledger.store("c1", "quick", ANSWER)


def test_a_name_of_4_kb_and_300_labels_are_kept_and_read_back(opened: Instance) -> None:
    ledger = TablestoreLedger(opened)
    long = "imm:" + "露" * 1365
    row = record(labels=(label(long, 0.99, long + "x", "n" * 4096), *(label(f"l{n}", n / 400) for n in range(300))))
    put(ledger, row)
    assert ledger.row(REF) == StoredRow(row, None, None, None)


def test_a_row_of_a_newer_version_is_refused_by_name(opened: Instance) -> None:
    ledger = TablestoreLedger(opened)
    put(ledger, replace(record(), schema=SCHEMA + 1))
    with pytest.raises(Misconfigured, match=r"'oss://album/summer/dog.jpg' has schema .*upgrade imagelabels"):
        ledger.row(REF)


def test_an_instance_without_tables_says_which_command_makes_them(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        ledger = TablestoreLedger(opened)
        for call in (
            lambda: ledger.lock(REF, "a", UNTIL, NOW, "e1"),
            lambda: ledger.finish(REF, "a", record(), entry()),
            lambda: ledger.claim("c1", "a", UNTIL, NOW),
            lambda: ledger.take("oss", "oss://photos", NOW),
            lambda: ledger.row(REF),
            lambda: ledger.history(REF),
        ):
            with pytest.raises(Misconfigured, match="run `imagelabels index create`"):
                call()


def test_a_table_that_is_not_ours_says_so(tmp_path: Path) -> None:
    with instance(tmp_path) as opened, pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEYS, IMAGES, ("id",))
        index_setup.create_tables(opened)
        patch.undo()
        with pytest.raises(Misconfigured, match=r"imagelabels_images has the primary key id instead of pk"):
            index_setup.create_tables(opened)
        with pytest.raises(Misconfigured, match="not as this version makes them"):
            TablestoreLedger(opened).row(REF)


def test_lines_of_history_beyond_one_answer_are_all_read(watched: tuple[TablestoreLedger, Spoiler]) -> None:
    ledger, spoiler = watched
    put(ledger, record(), "first")
    lines = [replace(entry(f"e{n}", at=n), tags_after={"k": "v" * 200_000}) for n in range(30)]
    for line in lines:
        assert ledger.lock(REF, line.event_id, UNTIL, NOW, line.event_id)
        assert ledger.finish(REF, line.event_id, None, line)
    assert [line.tags_after for line in ledger.history(REF)[:-1]] == [line.tags_after for line in lines]
    assert spoiler.asked.count("GetRange") > 1


@pytest.mark.parametrize("counts_up", [True, False])
def test_the_row_of_a_budget_does_not_grow_by_a_column_for_each_second_in_which_calls_were_refused(
    tmp_path: Path, counts_up: bool
) -> None:
    with instance(tmp_path, switches=Switches(increments_with_conditions=counts_up)) as opened:
        index_setup.create_tables(opened)
        ledger = TablestoreLedger(opened)
        limits = Limits(per_second=1)
        for second in range(20):
            assert ledger.take("imm", "oss://photos", NOW + second, limits) is None
            assert ledger.take("imm", "oss://photos", NOW + second, limits) == "throttled"
            assert ledger.take("imm", "oss://photos", NOW + second, Limits(total=1, per_second=9)) == "budget"
            ledger.hold("imm", "oss://photos", "forbidden", NOW + second + 1.5)
            assert ledger.take("imm", "oss://photos", NOW + second + 1, limits) == "forbidden"
            ledger.free("imm", "oss://photos")
        columns = opened.get(BUDGETS, ("imm",)) or {}
        assert len([name for name in columns if name.startswith("second_")]) <= 7


def test_threads_that_count_calls_at_once_never_delete_the_count_of_the_present_second(opened: Instance) -> None:
    ledger, limits = TablestoreLedger(opened), Limits(per_second=3)
    with ThreadPoolExecutor(6) as threads:
        for second in range(0, 60, 10):  # Each time, the only column that there is has become old.
            moment = NOW + second
            told = [threads.submit(ledger.take, "imm", "oss://photos", moment, limits) for _ in range(6)]
            assert sorted(str(each.result()) for each in told) == ["None"] * 3 + ["throttled"] * 3
            assert ledger.spending("imm", moment).second == 3
