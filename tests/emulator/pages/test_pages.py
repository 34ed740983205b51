"""The tables of the pages in docs/emulator/ are those of the emulator. `make emulator-docs` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator.aliyun.oss.tables import TABLES as OSS
from emulator.tencent.cos.service import TABLES as COS
from tests.emulator.pages import names
from tests.emulator.pages.tables import TABLES
from tests.emulator.pages.writing import PAGES, renewed, shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_would_tell_of_other_operations_than_there_are(page: Path) -> None:
    text = page.read_text("utf-8")
    assert renewed(text) == text, "run `make emulator-docs`"


def test_a_table_would_stand_on_no_page_or_on_two() -> None:
    assert sorted(shown()) == sorted(TABLES)


@pytest.mark.parametrize(("known", "tables"), [(names.OSS, OSS), (names.COS, COS)])
def test_a_name_would_be_that_of_an_operation_that_is_gone(known: names.Names, tables: object) -> None:
    assert isinstance(tables, dict)
    assert {key for key in known if key[1:] not in tables[key[0]]} == set()


def test_an_operation_would_be_on_the_list_of_the_refused() -> None:
    for cloud, built in (("oss", OSS), ("cos", COS)):
        refused = re.findall("`(.*?)`", TABLES[f"{cloud} refused"]())
        assert len(refused) > 8
        assert {sub for table in built.values() for _, sub in table} & set(refused) == set()


def test_a_page_would_keep_an_old_table() -> None:
    page = "# T\n\n<!-- table: imm operations -->\nstale\n<!-- end of table -->\n\nrest\n"
    new = renewed(page)
    assert "stale" not in new
    assert "`DetectImageLabels`" in new
    assert new.endswith("<!-- end of table -->\n\nrest\n")
    assert renewed(new) == new
