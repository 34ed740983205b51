"""The tables of the pages, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType

from emulator.aliyun.fc import version2, version3
from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.imm import service as imm
from emulator.aliyun.oss import image_actions, images, signing
from emulator.aliyun.oss import settings as oss_settings
from emulator.aliyun.oss import tables as oss
from emulator.aliyun.smq import service as smq
from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore import service as tablestore
from emulator.aliyun.tablestore.search import aggregations, grouping, queries, schema
from emulator.functions import deployment
from emulator.functions.fields import FieldTypes
from emulator.tencent.cos import image_operations
from emulator.tencent.cos import service as cos
from emulator.tencent.cos import settings as cos_settings
from emulator.tencent.scf import control_calls
from emulator.tencent.scf import parameters as scf
from emulator.tencent.scf import service as scf_service
from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.pages import names

LEVELS = {"service": "", "bucket": "BUCKET", "object": "BUCKET/KEY"}


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    listed = [list(heads), *(list(row) for row in rows)]
    listed.insert(1, ["---"] * len(listed[0]))
    return "".join(f"| {' | '.join(row)} |\n" for row in listed)


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def operations(service: ModuleType, settings: ModuleType, known: names.Names) -> str:
    """Return the operations of an object store. Those on the settings of buckets have a table of their own."""
    kept = {setting.name for setting in settings.SETTINGS}
    rows = []
    for level, table in service.TABLES.items():
        for (method, subresource), operation in sorted(table.items(), key=lambda item: item[0][::-1]):
            if level == "bucket" and subresource in kept:
                continue
            request = f"{method} /{LEVELS[level]}" + (f"?{subresource}" if subresource else "")
            named = known.get((level, method, subresource))
            assert named is not None, f"tests/emulator/pages/names.py has no name for {request}"
            rows.append((named, f"`{request}`", _codes(_shortened(operation.parameters))))
    return _table(("operation", "request", "parameters that it knows"), rows)


def _shortened(parameters: Iterable[str]) -> list[str]:
    """Return the names in their order. Those that set headers of the answer are one."""
    return sorted({"response-*" if name.startswith("response-") else name for name in parameters})


def settings(cloud: str, service: ModuleType, module: ModuleType) -> str:
    """Return the settings of buckets that are kept."""
    rows = []
    for setting in module.SETTINGS:
        methods = [method for method in ("PUT", "GET", "DELETE") if (method, setting.name) in service.BUCKET]
        assert setting.name in names.SETTINGS, (
            f"tests/emulator/pages/names.py has no name for the setting {setting.name}"
        )
        effect = names.EFFECTS.get((cloud, setting.name), "")
        rows.append((names.SETTINGS[setting.name], f"`?{setting.name}`", ", ".join(methods), effect))
    return _table(("setting", "subresource", "methods", "effect"), rows)


def _known(service: ModuleType) -> set[str]:
    """Return all names of parameters that an operation of an object store takes."""
    listed = [(subresource, each) for table in service.TABLES.values() for (_, subresource), each in table.items()]
    return {*service.EVERYWHERE, *(name for subresource, each in listed for name in (subresource, *each.parameters))}


def oss_refused() -> str:
    others = (signing.SUBRESOURCES | signing.NEWER) - _known(oss)
    return _codes(sorted(name for name in others if not name.startswith("x-oss-ac"))) + "\n"


def cos_refused() -> str:
    return _codes(name for name in names.COS_REFUSED if name not in _known(cos)) + "\n"


def headers(service: ModuleType) -> str:
    return _codes(sorted(service.HEADERS)) + "\n"


def rows() -> str:
    return _codes(tablestore.OPERATIONS) + "\n"


def rows_refused() -> str:
    """Return the operations for which the vendor's package has messages, and the emulator has no operation."""
    requests = [
        name for module in (messages.table, messages.search) for name in dir(module) if name.endswith("Request")
    ]
    others = [
        name.removesuffix("Request") for name in requests if not name.endswith("RowRequest") or name[:-7] in _ROWS
    ]
    return _codes(sorted(name for name in others if name not in tablestore.OPERATIONS)) + "\n"


_ROWS = frozenset({"BatchGetRow", "BatchWriteRow", "DeleteRow", "GetRow", "PutRow", "UpdateRow"})
"""The other messages of such a name are parts of requests."""


def searches() -> str:
    """Return what a search index has, and what the vendor's messages know beyond that."""
    pb = messages.search
    kinds = {
        "types of fields that can be searched": (pb.FieldType, {*schema.SEARCHED, pb.NESTED}),
        "queries": (pb.QueryType, queries.MAKERS),
        "aggregations": (pb.AggregationType, aggregations.MAKERS),
        "groups": (pb.GroupByType, grouping.MAKERS),
    }
    rows = []
    for title, (kind, built) in kinds.items():
        others = [name for name, number in kind.items() if number not in built]
        rows.append((title, _codes(kind.Name(number) for number in sorted(built)), _codes(others)))
    return _table(("", "there", "refused by name"), rows)


def oss_pictures() -> str:
    formats = image_actions.FORMATS.keys()
    rows = [
        ("actions", _codes(sorted([*image_actions.ACTIONS, *images.DESCRIPTIONS])), "any other"),
        ("formats of results", _codes(sorted(formats)), _codes(image_actions.UNBUILT_FORMATS)),
    ]
    return _table(("", "there", "refused by name"), rows)


def cos_pictures() -> str:
    there = [*image_operations.OPERATIONS, *image_operations.SETTINGS]
    rows = [
        ("`imageMogr2/`", _codes(sorted(there)), "any other"),
        ("formats of results", _codes(sorted(image_operations.FORMATS)), _codes(image_operations.UNBUILT_FORMATS)),
    ]
    return _table(("", "there", "refused by name"), rows)


def actions(known: Mapping[str, Iterable[str]]) -> str:
    return _table(("operation", "parameters that it knows"), ((f"`{n}`", _codes(sorted(p))) for n, p in known.items()))


def smq_operations() -> str:
    rows = [(name, f"`{request}`", _codes(known)) for name, (request, known) in smq.OPERATIONS.items()]
    return _table(("operation", "request", "parameters that it knows"), rows)


def scf_actions() -> str:
    waiting = {"Invoke": ("InvocationType",)}
    invoking = {name: {*scf.KNOWN, event, *waiting.get(name, ())} for name, event in scf.EVENTS.items()}
    return actions({**invoking, **{name: {*known} for name, known in control_calls.PARAMETERS.items()}})


def scf_rates() -> str:
    return _table(("operation", "requests per second"), ((f"`{n}`", f"{r:g}") for n, r in scf_service.RATES.items()))


def fc_paths() -> str:
    """Return the addresses of the operations in each version of the API, with their parameters."""
    begin = {version3: "/2023-03-30/functions/NAME/", version2: "/2016-08-15/services/SERVICE/functions/NAME/"}
    rows = [
        (route.operation, f"`{route.method} {address}{route.rest}`", _codes(sorted(route.parameters)))
        for version, address in begin.items()
        for route in version.ROUTES
    ]
    return _table(("operation", "request", "parameters that it knows"), rows)


def function_fields() -> str:
    kinds: dict[type, str] = {
        str: "a text",
        int: "a whole number",
        list: "a list of texts",
        dict: "an object",
        bool: "true or false",
    }
    platforms = (FunctionCompute(), ServerlessCloudFunction())
    groups: list[tuple[str, FieldTypes, str]] = [
        ("", deployment.FIELDS, ""),
        *(("", platform.function_fields, platform.cloud) for platform in platforms),
        ("trigger.", deployment.TRIGGER_FIELDS, ""),
        *(("trigger.", platform.trigger_fields, platform.cloud) for platform in platforms),
        ("http.", deployment.HTTP_FIELDS, ""),
        ("custom.", deployment.CUSTOM_FIELDS, ""),
    ]
    rows = [
        (f"`{prefix}{name}`", kinds.get(kind, "a number") if isinstance(kind, type) else "a number", cloud)
        for prefix, fields, cloud in groups
        for name, kind in fields.items()
    ]
    return _table(("field", "value", "only for"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "oss operations": lambda: operations(oss, oss_settings, names.OSS),
    "oss pictures": oss_pictures,
    "cos pictures": cos_pictures,
    "tablestore searches": searches,
    "oss settings": lambda: settings("oss", oss, oss_settings),
    "oss refused": oss_refused,
    "oss headers": lambda: headers(oss),
    "cos operations": lambda: operations(cos, cos_settings, names.COS),
    "cos settings": lambda: settings("cos", cos, cos_settings),
    "cos refused": cos_refused,
    "cos headers": lambda: headers(cos),
    "tablestore operations": rows,
    "tablestore refused": rows_refused,
    "imm operations": lambda: actions(imm.PARAMETERS),
    "fc operations": fc_paths,
    "smq operations": smq_operations,
    "scf operations": scf_actions,
    "scf rates": scf_rates,
    "fields of functions": function_fields,
}
"""Makes each table, by the name that stands in the marks around it."""
