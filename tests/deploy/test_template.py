"""What the template makes is what the code uses: the index, the permissions, the events."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from deploy import permissions
from deploy.document import read
from deploy.resolve import Stack, stacks
from emulator.deployment import OSS_EVENTS
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.credentials import Credentials, Keys
from imagelabels.providers.aliyun.settings import AliyunSettings
from tests.emulator.running import ROOT, running_tablestore

HERE = Path(__file__).parents[2]
CODE = HERE / "shared" / "imagelabels" / "providers" / "aliyun"


@pytest.fixture(scope="module")
def stack() -> Stack:
    """With the default of every parameter."""
    return next(stacks(read((HERE / "template.yml").read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `imagelabels index create` makes: tables, and the fields of the search index, in the template's words."""
    with running_tablestore(tmp_path_factory.mktemp("tablestore")) as running:
        given = {"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_TABLESTORE": running.endpoint}
        keys = Credentials(Keys(ROOT.id, ROOT.secret))
        aliyun.create_index(AliyunSettings.model_validate(given), keys, "photos-inst")
        client = running.ots()
        tables = {name: client.describe_table(name) for name in client.list_table()}
        indexes = [tuple(pair) for pair in client.list_search_index()]
        return {
            "tables": {
                name: {
                    "PrimaryKey": [
                        {"Name": key, "Type": kind} for key, kind, *_ in one.table_meta.schema_of_primary_key
                    ],
                    "TimeToLive": one.table_options.time_to_live,
                    "MaxVersions": one.table_options.max_version,
                }
                for name, one in tables.items()
            },
            "indexes": {pair: _fields(client.describe_search_index(*pair)[0].fields) for pair in indexes},
        }


def _fields(fields: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "FieldName": field.field_name,
            "FieldType": f"FieldType.{getattr(field.field_type, 'name', field.field_type)}",
            "IsArray": bool(field.is_array),
            "EnableSortAndAgg": bool(field.enable_sort_and_agg),
            "SubFieldSchemas": _fields(field.sub_field_schemas),
        }
        for field in fields
    ]


def _spelt_out(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A template's fields with what it leaves out."""
    return [
        {"IsArray": False, "EnableSortAndAgg": False}
        | {name: value for name, value in field.items() if name != "Index"}
        | {"SubFieldSchemas": _spelt_out(field.get("SubFieldSchemas", []))}
        for field in fields
    ]


def test_a_stack_has_the_tables_that_index_create_makes(stack: Stack, created: dict[str, Any]) -> None:
    tables = [dict(one.properties) for one in stack.of("ALIYUN::OTS::Table")]
    assert {one.pop("InstanceName") for one in tables} == {"example"}
    assert {one.pop("TableName"): one for one in tables} == created["tables"]


def test_a_stack_has_the_search_index_that_index_create_makes(stack: Stack, created: dict[str, Any]) -> None:
    found = {
        (one.properties["TableName"], one.properties["IndexName"]): _spelt_out(one.properties["FieldSchemas"])
        for one in stack.of("ALIYUN::OTS::SearchIndex")
    }
    assert found == created["indexes"]


def test_the_trigger_takes_what_the_emulator_takes(stack: Stack) -> None:
    (trigger,) = stack.of("ALIYUN::FC3::Trigger")
    assert tuple(trigger.properties["TriggerConfig"]["events"]) == OSS_EVENTS


def test_the_handler_is_that_of_the_function_folder(stack: Stack) -> None:
    (function,) = stack.of("ALIYUN::FC3::Function")
    module, _, handler = function.properties["Handler"].partition(".")
    code = ast.parse((HERE / "functions" / "aliyun_label" / f"{module}.py").read_text(encoding="utf-8"))
    assert handler in {one.name for one in code.body if isinstance(one, ast.FunctionDef)}


def test_the_check_asks_for_every_permission_on_objects_that_the_code_names() -> None:
    text = "".join(one.read_text(encoding="utf-8") for one in CODE.glob("*.py"))
    plain = set(re.findall(r"\b(?:oss|imm):[A-Z]\w+", text))
    versioned = {one.replace("Object", "ObjectVersion") for one in plain if one.startswith("oss:") and "Object" in one}
    # Objects are listed by the command line alone, which runs with keys of a person's.
    called = (plain | versioned) - {"oss:ListObjects", "oss:ListObjectVersions", "oss:ListObjectVersionss"}
    assert called == {*permissions.OBJECT, permissions.IMM, permissions.THROUGH_OSS}


def test_the_check_asks_for_every_permission_on_rows_that_the_ledger_needs() -> None:
    ledger = ast.parse((CODE / "ledger.py").read_text(encoding="utf-8"))
    # What happened to an object is read by the command line alone.
    methods = [one for one in ast.walk(ledger) if isinstance(one, ast.FunctionDef) and one.name != "history"]
    used = {name for one in methods for name in re.findall(r"_instance\.(\w+)\(", ast.unparse(one))}
    client = ast.parse((CODE / "tablestore_client.py").read_text(encoding="utf-8"))
    called = {
        f"ots:{text.value}"
        for method in ast.walk(client)
        if isinstance(method, ast.FunctionDef) and method.name in used
        for text in ast.walk(method)
        if isinstance(text, ast.Constant)
        and re.fullmatch(r"(Batch)?(Get|Put|Update|Delete|Write)[RA]\w+", str(text.value))
    }
    assert called == set(permissions.ROW)
