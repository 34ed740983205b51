"""This module checks what the function writes to: the tables and the search index of its index, and its log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from imagelabels.deploy.checks import function as function_checks
from imagelabels.deploy.checks import index as checks
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.template.document import Template
from imagelabels.deploy.template.resolve import Resource, Stack, mappings
from imagelabels.providers.aliyun.tablestore import tables

TEXTS = ("level", "message", "timestamp", "service", "request_id", "uri", "state", "reason", "detail")
"""The function's log has these fields, among others (docs/formats.md). They say what became of a picture."""
LINE = "message"
"""Function Compute keeps each line that the function prints in this field."""
BINDS = re.compile("imagelabels attach|AttachOSSBucket")
"""An output that names our command or the vendor's call tells people how to bind the bucket."""


def check(stack: Stack) -> Iterator[Finding]:
    for function in stack.functions():
        scheme, _, instance = function.text("EnvironmentVariables", "IMAGELABELS_INDEX").partition("://")
        if scheme == "tablestore":
            yield from _index(stack, function, instance)
        yield from _log(stack, function)


def binding(template: Template, stack: Stack) -> Iterator[Finding]:
    """Yield a finding if OSS labels the pictures, and nothing makes sure that the bucket is bound to a project."""
    for function in stack.functions():
        if function.text("EnvironmentVariables", "IMAGELABELS_DETECTOR") != "oss":
            continue
        where = f"{function.name}.EnvironmentVariables.IMAGELABELS_DETECTOR"
        if not stack.of("ALIYUN::IMM::Project2"):
            yield function_checks.IMM_BINDING.finding(where, "The template makes no IMM project to bind the bucket to.")
        elif not any(BINDS.search(str(output)) for output in template.outputs.values()):
            yield function_checks.IMM_BINDING.finding(where, "No output of the template says how to bind the bucket.")


def _index(stack: Stack, function: Resource, instance: str) -> Iterator[Finding]:
    where = f"{function.name}.EnvironmentVariables.IMAGELABELS_INDEX"
    if instance not in {each.text("InstanceName") for each in stack.of("ALIYUN::OTS::InstanceV2")}:
        yield checks.INDEX_ELSEWHERE.finding(where, "No resource of the template makes this instance.")
        return
    ours = {
        each.text("TableName"): each for each in stack.of("ALIYUN::OTS::Table") if each.text("InstanceName") == instance
    }
    for name, keys in tables.KEYS.items():
        if name not in ours:
            yield checks.TABLE_MISSING.finding(where, f"No resource makes the table {name} in the instance.")
        else:
            yield from _table(ours[name], keys, tables.KEPT.get(name, -1))
    searches = [
        each
        for each in stack.of("ALIYUN::OTS::SearchIndex")
        if (each.text("InstanceName"), each.text("TableName")) == (instance, tables.IMAGES)
    ]
    named = [each for each in searches if each.text("IndexName") == tables.SEARCH]
    if not named:
        yield checks.SEARCH_INDEX_MISSING.finding(
            where, f"No resource makes the search index {tables.SEARCH} of the table {tables.IMAGES}."
        )
    for search in named:
        yield from _fields(f"{search.name}.FieldSchemas", search.properties.get("FieldSchemas"), tables.FIELDS)


def _table(table: Resource, keys: tuple[str, ...], kept: int) -> Iterator[Finding]:
    written = [(key.get("Name"), key.get("Type")) for key in mappings(table.properties.get("PrimaryKey"))]
    if written != [(key, "STRING") for key in keys]:
        yield checks.TABLE_DIFFERS.finding(
            f"{table.name}.PrimaryKey", f"The primary key is not {', '.join(keys)}, all of the type STRING."
        )
    for name, wanted, default in (("TimeToLive", kept, -1), ("MaxVersions", 1, 1)):
        if table.properties.get(name, default) != wanted:
            yield checks.TABLE_DIFFERS.finding(f"{table.name}.{name}", f"It is not {wanted}.", f"Set it to {wanted}.")


def _fields(path: str, written: Any, wanted: tuple[tables.Field, ...]) -> Iterator[Finding]:
    there: Mapping[Any, Mapping[str, Any]] = {str(each.get("FieldName")): each for each in mappings(written)}
    for field in wanted:
        properties = there.get(field.name)
        if properties is None:
            yield checks.SEARCH_INDEX_FIELDS.finding(path, f"The field {field.name} is missing.")
            continue
        if properties.get("FieldType") != f"FieldType.{field.kind}":
            yield checks.SEARCH_INDEX_FIELDS.finding(
                f"{path}: {field.name}", f"Its type is not FieldType.{field.kind}."
            )
        if bool(properties.get("IsArray", False)) != field.array:
            yield checks.SEARCH_INDEX_FIELDS.finding(
                f"{path}: {field.name}", f"IsArray is not {str(field.array).lower()}."
            )
        if not field.inner and not properties.get("Index", True):
            yield checks.SEARCH_INDEX_FIELDS.finding(f"{path}: {field.name}", "The field is not indexed.")
        if not field.inner and properties.get("EnableSortAndAgg") is not True:
            yield checks.SEARCH_INDEX_FIELDS.finding(
                f"{path}: {field.name}", "Searches cannot sort and count by it, because EnableSortAndAgg is not true."
            )
        if field.inner:
            yield from _fields(f"{path}: {field.name}", properties.get("SubFieldSchemas"), field.inner)


def _log(stack: Stack, function: Resource) -> Iterator[Finding]:
    project, store = function.text("LogConfig", "Project"), function.text("LogConfig", "Logstore")
    if not project or not store:
        yield checks.LOG_MISSING.finding(f"{function.name}.LogConfig", "It names no project and log store.")
        return
    stores = [(each.text("ProjectName"), each.text("LogstoreName")) for each in stack.of("ALIYUN::SLS::Logstore")]
    if (project, store) not in stores:
        return  # The log store was made elsewhere, and so was its index.
    indexes = [
        each
        for each in stack.of("ALIYUN::SLS::Index")
        if (each.text("ProjectName"), each.text("LogstoreName")) == (project, store)
    ]
    if not indexes:
        yield checks.LOG_INDEX_FIELDS.finding(
            f"{function.name}.LogConfig", "No resource makes an index of the log store."
        )
    for index in indexes:
        lines = [each for each in mappings(index.properties.get("KeyIndices")) if each.get("Name") == LINE]
        inner = [str(field.get("Name")) for line in lines for field in mappings(line.get("JsonKeyIndices"))]
        if missing := [name for name in TEXTS if name not in inner]:
            yield checks.LOG_INDEX_FIELDS.finding(
                f"{index.name}.KeyIndices", f"The index of the field {LINE} lacks {', '.join(missing)}."
            )
