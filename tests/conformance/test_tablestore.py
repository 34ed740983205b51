"""These tests ask one emulated Tablestore for another, with and without differences between the two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from emulator.aliyun.tablestore.context import Switches
from emulator.core.server import Answer
from tests.conformance import tablestore
from tests.conformance.__main__ import main
from tests.conformance.asking import DIFFERS, HOLDS, Finding
from tests.conformance.refusing import Refused
from tests.conformance.spending import Spending
from tests.conformance.tablestore import QUESTIONS, TABLE, Instance, ask_all
from tests.emulator.running import running_tablestore

KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator"}


@dataclass
class Instances:
    stack: ExitStack
    folder: Path
    arrived: list[str]
    addresses: dict[str, str]

    def opened(self, name: str, switches: Switches | None = None) -> Any:
        """Start an emulated Tablestore, which counts its requests if it is the real one, and return a client."""

        async def around(request: web.Request, answer: Answer) -> web.StreamResponse:
            if name == "real":
                self.arrived.append(request.path)
            return await answer(request)

        started = self.stack.enter_context(running_tablestore(self.folder / name, switches=switches, around=around))
        self.addresses[name] = started.endpoint
        return started.ots()


@pytest.fixture
def instances(tmp_path: Path) -> Iterator[Instances]:
    with ExitStack() as stack:
        yield Instances(stack, tmp_path, [], {})


def asked(real: Any, emulator: Any, spending: Spending | None = None) -> list[Finding]:
    return list(ask_all(Instance(real, spending or Spending(100, Decimal(1))), Instance(emulator)))


def test_tablestore_would_differ_from_itself_or_keep_the_table(instances: Instances) -> None:
    real, emulator = instances.opened("real"), instances.opened("emulator")
    findings = asked(real, emulator)
    assert [found.verdict for found in findings] == [HOLDS] * len(QUESTIONS)
    assert (list(real.list_table()), list(emulator.list_table())) == ([], [])


@pytest.mark.parametrize(
    ("switches", "question"),
    [
        (Switches(missing_rows_as_empty=False), "ots-condition-on-missing-row"),
        (Switches(increments_with_conditions=False), "ots-increment-with-condition"),
    ],
)
def test_a_difference_in_conditions_would_not_be_found(instances: Instances, switches: Switches, question: str) -> None:
    findings = asked(instances.opened("real", switches), instances.opened("emulator"))
    assert question in {found.question for found in findings if found.verdict == DIFFERS}


def test_a_table_of_somebody_else_would_be_removed(instances: Instances) -> None:
    real = instances.opened("real")
    Instance(real).create()
    with pytest.raises(Refused, match=f"the table {TABLE} exists: remove it with --clean-up"):
        asked(real, instances.opened("emulator"))
    assert list(real.list_table()) == [TABLE]


def test_more_would_be_sent_to_tablestore_than_the_limit_allows(instances: Instances) -> None:
    real, emulator = instances.opened("real"), instances.opened("emulator")
    with pytest.raises(Refused, match="the limits are too low"):
        asked(real, emulator, Spending(tablestore.needed() - 1, Decimal(1)))
    assert instances.arrived == []
    exact = Spending(tablestore.needed(), Decimal(1))
    assert len(asked(real, emulator, exact)) == len(QUESTIONS)
    assert len(instances.arrived) == exact.sent == tablestore.needed()


def test_a_cut_amid_the_questions_would_leave_the_table(instances: Instances) -> None:
    real, emulator = instances.opened("real"), instances.opened("emulator")
    asking = ask_all(Instance(real, Spending(100, Decimal(1))), Instance(emulator))
    next(asking)
    assert list(real.list_table()) == [TABLE]
    asking.close()
    assert list(real.list_table()) == []


def test_the_table_of_a_killed_run_would_stay_for_ever(instances: Instances) -> None:
    real = instances.opened("real")
    Instance(real).create()
    lines = list[str]()
    address = ["--instance", instances.addresses["real"], "--instance-name", "photos-inst"]
    assert main([*address, "--clean-up"], KEYS, lines.append) == 0
    assert list(real.list_table()) == [TABLE]
    assert main([*address, "--clean-up", "--yes"], KEYS, lines.append) == 0
    assert list(real.list_table()) == []


def test_a_wrong_secret_for_tablestore_would_end_in_a_traceback(instances: Instances) -> None:
    instances.opened("real")
    lines = list[str]()
    address = ["--instance", instances.addresses["real"], "--instance-name", "photos-inst"]
    wrong = {**KEYS, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "nobody-knows-it"}
    assert main([*address, "--yes", "--emulator", instances.addresses["real"]], wrong, lines.append) == 2
    assert lines[-1] == "conformance: Tablestore refused with 403 OTSAuthFailed"


def test_the_plan_for_tablestore_would_send_something(instances: Instances) -> None:
    instances.opened("real")
    lines = list[str]()
    address = ["--instance", instances.addresses["real"], "--instance-name", "photos-inst"]
    assert main(address, KEYS, lines.append) == 0
    assert instances.arrived == []
    said = "\n".join(lines)
    assert all(question.name in said for question in QUESTIONS)
    assert f"At most {tablestore.needed()} requests" in said
