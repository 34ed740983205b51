"""These tests check that the template makes what the code uses: the index, the permissions and the events."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from emulator.aliyun.fc import triggers as emulated
from imagelabels.api import correcting
from imagelabels.deploy.package import sources
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.deploy.template import permissions, triggers
from imagelabels.deploy.template.check_template import problems, schema
from imagelabels.deploy.template.document import read
from imagelabels.deploy.template.resolve import Stack, stacks
from imagelabels.deploy.template.resolve import stack as chosen_stack
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.providers.aliyun.tablestore import tables
from imagelabels.usecases.tools import LEASE
from imagelabels.views.log_fields import FIELDS
from tests.emulator.running import ROOT, running_tablestore

HERE = Path(__file__).parents[3]
CODE = HERE / "shared" / "imagelabels" / "providers" / "aliyun"


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The stack with the default of every parameter."""
    return next(stacks(read((HERE / "template.yml").read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The tables and the search index that `imagelabels index create` makes, in the terms of the template."""
    with running_tablestore(tmp_path_factory.mktemp("tablestore")) as running:
        environment = {"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_TABLESTORE": running.endpoint}
        keys = AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret))
        aliyun.create_index(AliyunSettings.model_validate(environment), keys, "photos-inst")
        client = running.ots()
        tables = {name: client.describe_table(name) for name in client.list_table()}
        indexes = [tuple(pair) for pair in client.list_search_index()]
        return {
            "tables": {
                name: {
                    "PrimaryKey": [
                        {"Name": key, "Type": kind} for key, kind, *_ in table.table_meta.schema_of_primary_key
                    ],
                    "TimeToLive": table.table_options.time_to_live,
                    "MaxVersions": table.table_options.max_version,
                }
                for name, table in tables.items()
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
    """Return the fields of a template with all defaults added."""
    return [
        {"IsArray": False, "EnableSortAndAgg": False}
        | {name: value for name, value in field.items() if name != "Index"}
        | {"SubFieldSchemas": _spelt_out(field.get("SubFieldSchemas", []))}
        for field in fields
    ]


def test_a_stack_has_the_tables_that_index_create_makes(stack: Stack, created: dict[str, Any]) -> None:
    tables = [dict(table.properties) for table in stack.of("ALIYUN::OTS::Table")]
    assert {table.pop("InstanceName") for table in tables} == {"example"}
    assert {table.pop("TableName"): table for table in tables} == created["tables"]


def test_a_stack_has_the_search_index_that_index_create_makes(stack: Stack, created: dict[str, Any]) -> None:
    indexes = {
        (index.properties["TableName"], index.properties["IndexName"]): _spelt_out(index.properties["FieldSchemas"])
        for index in stack.of("ALIYUN::OTS::SearchIndex")
    }
    assert indexes == created["indexes"]


def test_the_trigger_takes_what_the_emulator_takes(stack: Stack) -> None:
    (trigger,) = stack.triggers()
    assert tuple(trigger.properties["TriggerConfig"]["events"]) == emulated.WHOLE_OBJECTS


def test_the_check_and_the_emulator_know_the_same_events_of_oss() -> None:
    assert triggers.WHOLE_OBJECTS == emulated.WHOLE_OBJECTS
    assert set(triggers.EVENTS) == set(emulated.EVENTS)


def test_each_runtime_that_a_stack_may_have_is_one_that_packages_are_made_for() -> None:
    template = read((HERE / "template.yml").read_text(encoding="utf-8"))
    assert tuple(template.parameters["Runtime"]["AllowedValues"]) == tuple(CLOUDS["aliyun"].runtimes)


def test_logs_can_be_counted_by_each_field_that_the_function_writes_and_by_no_other(stack: Stack) -> None:
    (index,) = stack.of("ALIYUN::SLS::Index")
    (line,) = index.properties["KeyIndices"]
    assert line["Name"] == "message"
    indexed = {field["Name"]: field["Type"] for field in line["JsonKeyIndices"]}
    assert indexed == {field.name: field.index for field in FIELDS if field.index is not None}


def test_a_stack_has_the_largest_messages_of_failed_events_that_the_vendor_allows(stack: Stack) -> None:
    (queue,) = stack.of("ALIYUN::MNS::Queue")
    largest = schema()["ALIYUN::MNS::Queue"]["properties"]["MaximumMessageSize"]["max"]
    assert queue.properties["MaximumMessageSize"] == largest


def test_the_embedded_detector_gets_a_whole_processor() -> None:
    template = read((HERE / "template.yml").read_text(encoding="utf-8"))
    processors = {
        function.properties["EnvironmentVariables"]["IMAGELABELS_DETECTOR"]: function.properties["Cpu"]
        for stack in stacks(template)
        for function in stack.functions()
        if function not in (*stack.albums(), *stack.webhooks())
    }
    assert processors == {"imm": 0.5, "oss": 0.5, "embedded": 1}


def test_the_handlers_are_those_of_the_function_folder(stack: Stack) -> None:
    functions = stack.of("ALIYUN::FC3::Function")
    assert len(functions) == 2
    for function in functions:
        module, _, handler = function.properties["Handler"].partition(".")
        code = ast.parse((HERE / "functions" / "aliyun_label" / f"{module}.py").read_text(encoding="utf-8"))
        assert handler in {node.name for node in code.body if isinstance(node, ast.FunctionDef)}


def test_the_timer_has_the_settings_and_the_role_of_the_label_function_and_one_instance(stack: Stack) -> None:
    (label,), (timer,) = stack.labelling(), stack.timers()
    for name in ("EnvironmentVariables", "Role", "Code", "Layers", "Runtime"):
        assert timer.properties[name] == label.properties[name]
    limits = {each.text("FunctionName"): each.properties for each in stack.of("ALIYUN::FC3::ConcurrencyConfig")}
    assert limits[timer.text("FunctionName")]["ReservedConcurrency"] == 1
    (trigger,) = (each for each in stack.of("ALIYUN::FC3::Trigger") if each.text("TriggerType") == "timer")
    assert trigger.text("FunctionName") == timer.text("FunctionName")
    assert trigger.properties["TriggerConfig"] == {
        "cronExpression": "@every 10m",
        "enable": True,
        "payload": "oss://example/",
    }


def test_a_run_of_the_timer_ends_before_the_next_one_begins() -> None:
    template = read((HERE / "template.yml").read_text(encoding="utf-8"))
    (timer,) = next(stacks(template)).timers()
    assert timer.properties["Timeout"] < 60 * template.parameters["TimerMinutes"]["MinValue"]


@pytest.mark.parametrize("sound", ["TriggerType: timer", "Handler: index.resume", "enable: true"])
def test_a_template_whose_pictures_would_stand_still_for_ever_is_named(sound: str) -> None:
    faulty = {"TriggerType: timer": "TriggerType: log", "Handler: index.resume": "Handler: index.handler"}
    text = (HERE / "template.yml").read_text(encoding="utf-8")
    assert sound in text
    findings = problems(text.replace(sound, faulty.get(sound, "enable: false")))
    assert "timer-missing" in {finding.check for finding in findings}


def test_a_template_whose_webhooks_would_never_be_told_is_named() -> None:
    before, trigger, after = (HERE / "template.yml").read_text(encoding="utf-8").partition("  WebhookTrigger:\n")
    findings = problems(before + trigger + after.replace("enable: true", "enable: false", 1))
    assert {(finding.check, finding.where) for finding in findings} == {
        (
            "webhooks-timer",
            "WebhookFunction (with CreateWebhooks=True)",
        )
    }


def test_settings_that_only_the_timers_function_has_are_named() -> None:
    before, timer, after = (HERE / "template.yml").read_text(encoding="utf-8").partition("  TimerFunction:\n")
    changed = after.replace("IMAGELABELS_RATE: !Ref Rate", "IMAGELABELS_TAG_LIMIT: '3'", 1)
    assert changed != after
    named = {finding.check: finding.cause for finding in problems(before + timer + changed)}
    assert named == {"timer-settings": "These settings differ: IMAGELABELS_RATE, IMAGELABELS_TAG_LIMIT."}


def test_the_check_asks_for_every_permission_on_objects_that_the_code_names() -> None:
    # Only commands open buckets.py, and they run with a person's keys.
    paths = [path for path in CODE.rglob("*.py") if path.name != "buckets.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    plain = set(re.findall(r"\b(?:oss|imm):[A-Z]\w+", text))
    versioned = {
        name.replace("Object", "ObjectVersion") for name in plain if name.startswith("oss:") and "Object" in name
    }
    # Only the command line lists objects, and it runs with a person's keys.
    called = (plain | versioned) - {"oss:ListObjects", "oss:ListObjectVersions", "oss:ListObjectVersionss"}
    assert called == {*permissions.OBJECT, permissions.IMM, permissions.THROUGH_OSS}


TABLES = {name: getattr(tables, name) for name in ("IMAGES", "ANSWERS", "BUDGETS", "EVENTS", "CHANGES")}
OPERATIONS = {"get": "GetRow", "put": "PutRow", "update": "UpdateRow", "delete": "DeleteRow", "batch": "BatchWriteRow"}
"""The vendor's names for the methods of Instance that the ledger calls."""


def test_the_check_asks_for_each_operation_on_each_table_that_the_ledger_calls_and_for_no_other() -> None:
    modules = [ast.parse((CODE / "tablestore" / name).read_text("utf-8")) for name in ("ledger.py", "budgets.py")]
    functions = [node for tree in modules for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    # Only the command line reads the history of an object.
    methods = [node for node in functions if node.name != "history"]
    called: dict[str, set[str]] = {table: set() for table in TABLES.values()}
    for call in (node for method in methods for node in ast.walk(method) if isinstance(node, ast.Call)):
        if ast.unparse(call.func).startswith("self._instance.") and (name := call.func.attr) in OPERATIONS:  # type: ignore[attr-defined]
            rows = call.args if name == "batch" else call.args[:1]
            named = [node.id for row in rows for node in ast.walk(row) if isinstance(node, ast.Name)]
            assert set(named) & set(TABLES), f"line {call.lineno} names no table"
            for table in set(named) & set(TABLES):
                called[TABLES[table]].add(f"ots:{OPERATIONS[name]}")
    assert called == {table: set(actions) for table, actions in permissions.ROWS.items()}


def test_the_check_asks_for_each_operation_that_a_search_calls_and_for_no_other() -> None:
    tree = ast.parse((CODE / "tablestore" / "label_index.py").read_text("utf-8"))
    setup = ast.parse((CODE / "tablestore" / "index_setup.py").read_text("utf-8"))
    described = next(node for node in setup.body if isinstance(node, ast.FunctionDef) and node.name == "_described")
    calls = [node for part in (tree, described) for node in ast.walk(part) if isinstance(node, ast.Call)]
    named = [node.args for node in calls if ast.unparse(node.func).endswith("instance.call")]
    assert {f"ots:{ast.literal_eval(args[0])}" for args in named} == set(permissions.SEARCH)


READING = {"get": "GetRow", "get_many": "BatchGetRow", "range": "GetRange"}
"""The vendor's names for the other methods of Instance."""

ASKED: dict[tuple[str, str], set[str] | None] = {
    ("albums.py", "TablestoreAlbums"): None,
    ("albums.py", "TablestoreTokens"): {"by_hash"},
    ("changes.py", "TablestoreChanges"): None,
    ("budgets.py", "TablestoreBudget"): {"spending"},
    ("ledger.py", "TablestoreLedger"): {"row", "rows", "ref_by_id", "history"},
    ("label_index.py", "TablestoreLabelIndex"): None,
    ("index_setup.py", "_described"): None,
    ("webhooks.py", "TablestoreHooks"): {"get", "list", "put"},
    ("webhooks.py", "TablestoreOutbox"): {"list", "write"},
}
"""These classes and functions serve the API, all their methods or those that are named."""

SENDING: dict[tuple[str, str], set[str] | None] = {
    ("albums.py", "TablestoreAlbums"): {"get", "pins", "pins_of"},
    ("changes.py", "TablestoreChanges"): None,
    ("ledger.py", "TablestoreLedger"): {"rows"},
    ("label_index.py", "TablestoreLabelIndex"): None,
    ("index_setup.py", "_described"): None,
    ("webhooks.py", "TablestoreHooks"): None,
    ("webhooks.py", "TablestoreOutbox"): None,
    ("webhooks.py", "TablestoreKnown"): None,
}
"""These serve the work for webhooks."""


CORRECTING: dict[tuple[str, str], set[str] | None] = {
    ("budgets.py", "TablestoreBudget"): {"free"},
    ("ledger.py", "TablestoreLedger"): {"lock", "release", "finish", "drop", "answer", "give_back", "row", "_end"},
}
"""These serve a correction, and a picture that is to be tried again."""


def part_of(name: str, part: str) -> ast.ClassDef | ast.FunctionDef:
    """Return a class or a function of a module of Tablestore."""
    body = ast.parse((CODE / "tablestore" / name).read_text("utf-8")).body
    (found,) = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part]
    return found


def versioned(
    found: ast.ClassDef | ast.FunctionDef, methods: Sequence[ast.AST]
) -> Iterator[tuple[str, Collection[str]]]:
    """Yield the table of a class that keeps VersionedRows, with the operations of those rows that the methods call."""
    made = [
        call for call in ast.walk(found) if isinstance(call, ast.Call) and ast.unparse(call.func) == "VersionedRows"
    ]
    for table in (getattr(tables, ast.unparse(call.args[1])) for call in made):
        for call in (node for method in methods for node in ast.walk(method) if isinstance(node, ast.Call)):
            owner, _, method = ast.unparse(call.func).rpartition(".")
            if owner == "self._rows":
                yield table, operations_of_rows(method)


def operations_of_rows(name: str) -> set[str]:
    """Return the operations that a method of VersionedRows calls, by itself or by another of its methods."""
    operations: set[str] = set()
    for method in (
        node for node in part_of("versioned_rows.py", "VersionedRows").body if isinstance(node, ast.FunctionDef)
    ):
        for call in (node for node in ast.walk(method) if method.name == name and isinstance(node, ast.Call)):
            owner, _, called = ast.unparse(call.func).rpartition(".")
            if owner == "self._instance":
                operations.add(f"ots:{(OPERATIONS | READING)[called]}")
            elif owner == "self":
                operations |= operations_of_rows(called)
    return operations


@pytest.mark.parametrize(
    ("served", "asked"),
    [
        (ASKED, permissions.ALBUM_ROWS),
        (CORRECTING, permissions.CORRECTION_ROWS),
        (SENDING, permissions.WEBHOOK_ROWS),
    ],
    ids=["api", "corrections", "webhooks"],
)
def test_the_check_asks_for_each_operation_on_each_table_that_is_called_and_for_no_other(
    served: dict[tuple[str, str], set[str] | None], asked: dict[str, tuple[str, ...]]
) -> None:
    called: dict[str, set[str]] = {}
    for (name, part), names in served.items():
        found = part_of(name, part)
        methods = [node for node in found.body if names is None or getattr(node, "name", "") in names]
        for table, operations in versioned(found, methods):
            called.setdefault(table, set()).update(operations)
        for call in (node for method in methods for node in ast.walk(method) if isinstance(node, ast.Call)):
            owner, _, method = ast.unparse(call.func).rpartition(".")
            if method == "write_many":
                called.setdefault(getattr(tables, ast.unparse(call.args[1])), set()).add("ots:BatchWriteRow")
            elif owner.endswith("instance") and method == "batch":
                # Proofs confirm answers of now, and who corrects asks for none.
                for row in (each for each in call.args if not isinstance(each, ast.Starred)):
                    assert isinstance(row, ast.Tuple)
                    table = getattr(tables, ast.unparse(row.elts[0]))
                    called.setdefault(table, set()).add("ots:BatchWriteRow")
            elif owner.endswith("instance") and method in {"call", *OPERATIONS, *READING}:
                operation = ast.literal_eval(call.args[0]) if method == "call" else (OPERATIONS | READING)[method]
                table = getattr(tables, ast.unparse(call.args[1 if method == "call" else 0]))
                called.setdefault(table, set()).add(f"ots:{operation}")
    assert called == {table: set(actions) for table, actions in asked.items()}


def test_the_operations_have_the_vendors_names() -> None:
    client = ast.parse((CODE / "tablestore" / "client.py").read_text(encoding="utf-8"))
    methods = {node.name: ast.unparse(node) for node in ast.walk(client) if isinstance(node, ast.FunctionDef)}
    for method, operation in {**OPERATIONS, **READING}.items():
        # `range` asks for its pages in a method of its own.
        assert f"'{operation}'" in methods["_page" if method == "range" else method]


def test_a_permission_on_a_table_that_needs_another_one_is_never_called() -> None:
    """The check compares each pair of operation and table. So a permission that another table needs is not enough."""
    text = (HERE / "template.yml").read_text(encoding="utf-8")
    granted = "Action: [ots:DeleteRow, ots:BatchWriteRow]"
    assert granted in text
    findings = problems(text.replace(granted, "Action: [ots:DeleteRow, ots:BatchWriteRow, ots:GetRow]"))
    assert {finding.check for finding in findings} == {"permission-unused"}
    assert all("ots:GetRow on" in finding.cause and "imagelabels_events" in finding.cause for finding in findings)


@pytest.fixture(scope="module")
def with_albums() -> Stack:
    """The stack whose function for the HTTP API is switched on."""
    template = read((HERE / "template.yml").read_text(encoding="utf-8"))
    (chosen,) = [each for each in stacks(template) if each.chosen == "CreateAlbum=True"]
    return chosen


def test_who_serves_no_api_would_have_a_function_that_everybody_reaches(stack: Stack) -> None:
    assert not stack.albums()
    assert not [
        each for each in stack.resources.values() if each.name.startswith("Album") and each.name != "AlbumsTable"
    ]


def test_a_client_would_be_turned_away_from_the_api_by_its_trigger(with_albums: Stack) -> None:
    (trigger,) = [each for each in with_albums.of("ALIYUN::FC3::Trigger") if each.text("TriggerType") == "http"]
    (album,) = with_albums.albums()
    assert trigger.text("FunctionName") == album.text("FunctionName") == "imagelabels-album"
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
    assert trigger.properties["TriggerConfig"] == {"authType": "anonymous", "methods": methods}
    (limit,) = [each for each in with_albums.of("ALIYUN::FC3::ConcurrencyConfig") if each.name == "AlbumLimit"]
    assert limit.properties == {"FunctionName": "imagelabels-album", "ReservedConcurrency": 5}


def test_the_api_would_be_loaded_from_an_archive_or_a_module_that_is_not_there(with_albums: Stack) -> None:
    (album,), (label,) = with_albums.albums(), with_albums.labelling()
    for name in ("Code", "Layers", "Runtime"):
        assert album.properties[name] == label.properties[name]
    module, _, handler = album.text("Handler").partition(".")
    code = ast.parse(sources.entry_points(CLOUDS["aliyun"])[f"{module}.py"])
    assert handler in {node.name for node in code.body if isinstance(node, ast.FunctionDef)}


def test_signed_addresses_would_lead_clients_into_the_regions_internal_network(with_albums: Stack) -> None:
    (album,) = with_albums.albums()
    assert album.text("EnvironmentVariables", "IMAGELABELS_ENDPOINT_OSS") == "https://oss-cn-hangzhou.aliyuncs.com"


def test_the_function_for_the_api_would_change_the_index_or_a_picture(with_albums: Stack) -> None:
    (album,) = with_albums.albums()
    role = album.text("Role").rpartition("/")[2]
    (policy,) = [
        each for each in with_albums.of("ALIYUN::RAM::ManagedPolicy") if role in map(str, each.properties["Roles"])
    ]
    assert role == "imagelabels-album-cn-hangzhou"
    writing = re.compile("Put|Update|Delete|Write")
    changed = {
        resource.rpartition("/")[2]
        for statement in policy.mapping("PolicyDocument")["Statement"]
        for resource in statement["Resource"]
        if any(writing.search(action) for action in statement["Action"])
    }
    assert changed == {tables.ALBUMS, tables.PINS, tables.CHANGES, tables.WEBHOOKS, tables.DELIVERIES}


def corrected(**values: bool) -> Stack:
    """The stack of somebody who has chosen whether there is an API, and whether it takes corrections."""
    return chosen_stack(read((HERE / "template.yml").read_text(encoding="utf-8")), values)


def test_an_api_that_takes_no_corrections_would_have_the_permission_to_write_tags() -> None:
    for values in ({"CreateAlbum": True}, {"AlbumCorrections": True}):
        resolved = corrected(**values)
        assert "AlbumCorrectionPermissions" not in resolved.resources
        for album in resolved.albums():
            assert album.text("EnvironmentVariables", "IMAGELABELS_CORRECTIONS") == "off"


def test_a_correction_would_be_refused_by_the_store_or_choose_other_labels_than_the_function_that_labels() -> None:
    resolved = corrected(CreateAlbum=True, AlbumCorrections=True)
    (album,), (label,) = resolved.albums(), resolved.labelling()
    assert album.text("EnvironmentVariables", "IMAGELABELS_CORRECTIONS") == "on"
    for name in (
        "DETECTOR",
        "LANGUAGE",
        "POLICY",
        "MODEL",
        "IMM_PROJECT",
        "BUDGET_PER_DAY",
        "BUDGET_TOTAL",
        "CALL_PRICE",
    ):
        setting = f"IMAGELABELS_{name}"
        assert album.text("EnvironmentVariables", setting) == label.text("EnvironmentVariables", setting)
    assert album.properties["Timeout"] > correcting.PATIENCE > LEASE


FAULTS = {
    "permission-missing": ("\n              - oss:PutObjectTagging", "", "oss:PutObjectTagging"),
    "permission-unused": ("Action: [ots:GetRow]", "Action: [ots:GetRow, ots:GetRange]", "ots:GetRange"),
    "album-settings": ("IMAGELABELS_LANGUAGE: !Ref Language", "IMAGELABELS_LANGUAGE: zh-Hans", "IMAGELABELS_LANGUAGE"),
}


@pytest.mark.parametrize("check", FAULTS)
def test_the_check_would_miss_a_fault_that_only_corrections_have(check: str) -> None:
    old, new, says = FAULTS[check]
    before, begin, after = (HERE / "template.yml").read_text(encoding="utf-8").partition("AlbumCorrectionPermissions:")
    assert old in after
    (found,) = problems(before + begin + after.replace(old, new, 1))
    assert (found.check, says in found.cause) == (check, True)


def test_the_check_would_let_an_api_that_takes_no_corrections_write_tags() -> None:
    text = (HERE / "template.yml").read_text(encoding="utf-8")
    found = problems(text.replace("!If [CorrectsInAlbum, 'on', 'off']", "'off'"))
    assert {each.check for each in found} == {"permission-unused"}
    assert any("oss:PutObjectTagging" in each.cause for each in found)


@pytest.fixture(scope="module")
def with_webhooks() -> Stack:
    """The stack whose function for webhooks is switched on."""
    template = read((HERE / "template.yml").read_text(encoding="utf-8"))
    (chosen,) = [each for each in stacks(template) if each.chosen == "CreateWebhooks=True"]
    return chosen


def test_who_sends_no_webhooks_would_have_a_function_and_a_timer_for_them(stack: Stack) -> None:
    assert not stack.webhooks()
    names = {each.name for each in stack.resources.values() if each.name.startswith("Webhook")}
    assert names == {"WebhooksTable", "WebhookDeliveriesTable", "WebhookKnownTable"}


def test_the_function_for_webhooks_would_not_be_started_or_twice_at_once(with_webhooks: Stack) -> None:
    (function,), (label,) = with_webhooks.webhooks(), with_webhooks.labelling()
    for name in ("Code", "Layers", "Runtime"):
        assert function.properties[name] == label.properties[name]
    module, _, handler = function.text("Handler").partition(".")
    code = ast.parse(sources.entry_points(CLOUDS["aliyun"])[f"{module}.py"])
    assert handler in {node.name for node in code.body if isinstance(node, ast.FunctionDef)}
    trigger, limit = with_webhooks.resources["WebhookTrigger"], with_webhooks.resources["WebhookInstances"]
    assert trigger.properties["TriggerConfig"] == {"cronExpression": "@every 2m", "enable": True}
    assert limit.properties == {"FunctionName": "imagelabels-webhooks", "ReservedConcurrency": 1}
    assert function.properties["Timeout"] < 120


def test_the_function_for_webhooks_would_change_more_of_the_index_than_what_it_keeps_of_them(
    with_webhooks: Stack,
) -> None:
    statements = with_webhooks.resources["WebhookPermissions"].mapping("PolicyDocument")["Statement"]
    writing = re.compile("Put|Update|Delete|Write")
    changed = {
        resource.rpartition("/")[2]
        for statement in statements
        for resource in statement["Resource"]
        if any(writing.search(action) for action in statement["Action"])
    }
    assert changed == {tables.WEBHOOKS, tables.DELIVERIES, tables.KNOWN}
    assert not any("oss:" in action for statement in statements for action in statement["Action"])


@pytest.mark.parametrize(
    "needed",
    [
        "oss:GetObject, oss:GetObjectVersion]",
        "ots:GetRow, ots:BatchGetRow, ots:Search",
        "[ots:GetRow, ots:GetRange, ots:PutRow, ots:UpdateRow]",
    ],
)
def test_the_api_would_be_refused_a_call_and_the_check_would_not_say_so(needed: str) -> None:
    text = (HERE / "template.yml").read_text(encoding="utf-8")
    assert text.count(needed) == 1
    faulty = text.replace(needed, needed.replace("oss:GetObject,", "").replace("ots:GetRow", "ots:DescribeTable"))
    assert "permission-missing" in {finding.check for finding in problems(faulty)}


def test_who_backfills_nothing_would_have_a_second_function(stack: Stack) -> None:
    assert [each.name for each in stack.functions()] == ["Function", "TimerFunction"]


def test_the_function_for_backfills_would_be_run_again_or_take_the_instances_of_uploads() -> None:
    template = read((HERE / "template.yml").read_text(encoding="utf-8"))
    (with_it,) = [each for each in stacks(template) if each.chosen == "CreateBackfill=True"]
    (made,), (labelling,) = with_it.backfills(), with_it.labelling()
    own = {"FunctionName", "Description"}
    assert {name for name in made.properties if made.properties[name] != labelling.properties.get(name)} == own
    (limit,) = [each for each in with_it.of("ALIYUN::FC3::ConcurrencyConfig") if each.name == "BackfillLimit"]
    assert limit.properties == {"FunctionName": "imagelabels-backfill", "ReservedConcurrency": 5}
    (config,) = [each for each in with_it.of("ALIYUN::FC3::AsyncInvokeConfig") if each.name == "BackfillTasks"]
    assert (config.properties["AsyncTask"], config.properties["MaxAsyncRetryAttempts"]) == (True, 0)
    assert not [one for one in with_it.of("ALIYUN::FC3::Trigger") if "backfill" in one.text("FunctionName")]


def test_a_function_for_backfills_with_other_settings_would_go_unnoticed() -> None:
    text = (HERE / "template.yml").read_text(encoding="utf-8")
    head, begin, tail = text.partition("  BackfillFunction:\n")
    other = tail.replace("IMAGELABELS_LANGUAGE: !Ref Language", "IMAGELABELS_LANGUAGE: zh-Hans", 1)
    assert [
        str(each)
        for each in problems(f"{head}{begin}{other}")
        if "timer-settings" in str(each) or "These settings differ: IMAGELABELS_LANGUAGE" in str(each)
    ]
