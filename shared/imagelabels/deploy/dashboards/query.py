"""Writes the query of a panel in the dialect of a log service: a search, and SQL behind a bar."""

from __future__ import annotations

import string
from dataclasses import dataclass

from imagelabels.deploy.dashboards.panels import Panel
from imagelabels.views.log_fields import FIELDS

MOST_ROWS = 10_000
"""Without a LIMIT, SLS and CLS return 100 rows: https://www.alibabacloud.com/help/en/sls/limit-clause"""

_INDEXED = frozenset(field.name for field in FIELDS if field.index is not None)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a log service names things in a query."""

    search: str
    """This search finds our lines."""
    field: str
    """A field of our lines is named so, with {} for its name."""
    moment: str
    """The time at which a line was logged."""
    bucket: str
    """That time, rounded down to five minutes."""
    source: str
    """Stands behind the columns and says where the lines come from."""


# Function Compute keeps each line that the function prints in the field `message`.
SLS = Dialect(
    "message.service: imagelabels",
    '"message.{}"',
    "__time__",
    "date_format(__time__ - __time__ % 300, '%Y-%m-%d %H:%i')",
    " FROM log",
)
# The data source reads a number of seconds as a time: https://github.com/aliyun/aliyun-log-grafana-datasource-plugin
GRAFANA_SLS = Dialect(SLS.search, SLS.field, SLS.moment, "__time__ - __time__ % 300", SLS.source)
# SCF makes a field of each text and number of a line of JSON: https://cloud.tencent.com/document/product/583/55595
CLS = Dialect(
    "service:imagelabels",
    '"{}"',
    "__TIMESTAMP__",
    "histogram(cast(__TIMESTAMP__ as timestamp), interval 5 minute)",
    "",
)


def columns(panel: Panel) -> list[str]:
    """List the columns of the result."""
    return [*(["time"] if panel.over_time else []), *panel.columns]


def sql(panel: Panel, dialect: Dialect) -> str:
    """Write the part of the query behind the search."""
    expressions = {**({"time": dialect.bucket} if panel.over_time else {}), **panel.columns}
    selected = ", ".join(f'{_named(text, dialect)} AS "{name}"' for name, text in expressions.items())
    grouped = [str(list(expressions).index(name) + 1) for name in (["time"] if panel.over_time else panel.by)]
    order = '"time"' if panel.over_time else f'"{panel.newest}" DESC' if panel.newest else ""
    return "".join(
        (
            f"SELECT {selected}{dialect.source}",
            f" WHERE {_named(panel.where, dialect)}" if panel.where else "",
            f" GROUP BY {', '.join(grouped)}" if grouped else "",
            f" HAVING {_named(panel.having, dialect)}" if panel.having else "",
            f" ORDER BY {order}" if order else "",
            f" LIMIT {MOST_ROWS}",
        )
    )


def query(panel: Panel, dialect: Dialect) -> str:
    """Write the whole query of a panel."""
    return f"{dialect.search} | {sql(panel, dialect)}"


def _named(text: str, dialect: Dialect) -> str:
    """Replace {name} by what the dialect calls the field. KeyError names a field that no index has."""
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    known = {name: dialect.field.format(name) for name in _INDEXED} | {"moment": dialect.moment}
    return text.format(**{name: known[name] for name in names}) if names else text
