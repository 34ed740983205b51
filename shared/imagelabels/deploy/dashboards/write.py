"""This command writes the files of the dashboards anew, and that of the index of CLS.

`python -m imagelabels.deploy.dashboards.write`
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imagelabels.deploy.dashboards.panels import Panel, panels
from imagelabels.deploy.dashboards.query import CLS, GRAFANA_SLS, SLS, columns, query
from imagelabels.views.log_fields import FIELDS

FOLDER = Path(__file__).parent

LOGSTORE = "function"
"""The template names the log store so."""

ALIYUN_TRIES, TENCENT_TRIES = 4, 3
"""One delivery and the retries that template.yml and deploy/tencent/plan.yml set."""

TITLE = "imagelabels"
SECONDS = 86400
"""At first a dashboard shows a day."""

Target = Callable[[Panel], dict[str, Any]]
"""Makes the query of a panel as a data source of Grafana keeps it."""


def files() -> dict[str, dict[str, Any]]:
    """Return the content of each file by its name."""
    return {
        "sls.json": _sls(panels(ALIYUN_TRIES)),
        "grafana-sls.json": _grafana("sls", panels(ALIYUN_TRIES), "aliyun-log-service-datasource", _sls_target),
        "grafana-cls.json": _grafana("cls", panels(TENCENT_TRIES), "tencent-cls-grafana-datasource", _cls_target)
        | {"templating": {"list": _CLS_VARIABLES}},
        "cls-index.json": _cls_index(),
    }


def text(content: dict[str, Any]) -> str:
    """Write the content of a file as it stands there."""
    return json.dumps(content, indent=2) + "\n"


def main() -> None:
    for name, content in files().items():
        (FOLDER / name).write_text(text(content), encoding="utf-8")


def _sls(shown: list[Panel]) -> dict[str, Any]:
    """Return the body of CreateDashboard: https://www.alibabacloud.com/help/en/sls/developer-reference/api-create-dashboard

    The page of ALIYUN::SLS::Dashboard shows all of a chart:
    https://help.aliyun.com/en/ros/developer-reference/aliyun-sls-dashboard
    """
    return {
        "dashboardName": TITLE,
        "displayName": TITLE,
        "description": "What the function that labels pictures does, by its log.",
        "attribute": {"type": "grid"},
        "charts": [_chart(panel, number) for number, panel in enumerate(shown)],
    }


def _chart(panel: Panel, number: int) -> dict[str, Any]:
    names = columns(panel)
    axes = ([names[0]], names[1:]) if panel.over_time else ([], [])
    return {
        "title": panel.name.replace("_", "-"),
        "type": "line" if panel.over_time else "table",
        "action": {},
        "search": {
            "logstore": LOGSTORE,
            "topic": "",
            "query": query(panel, SLS),
            "start": f"-{SECONDS}s",
            "end": "now",
        },
        "display": {
            "xAxis": axes[0],
            "yAxis": axes[1],
            "xPos": 10 * (number % 2),
            "yPos": 10 * (number // 2),
            "width": 10,
            "height": 10,
            "displayName": panel.title,
        },
    }


def _grafana(name: str, shown: list[Panel], plugin: str, target: Target) -> dict[str, Any]:
    """Return a dashboard that Grafana imports, and for which it asks which data source it is to read:
    https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/"""
    source = {"type": plugin, "uid": "${DS_IMAGELABELS}"}
    return {
        "__inputs": [
            {"name": "DS_IMAGELABELS", "label": "Log", "type": "datasource", "pluginId": plugin, "pluginName": plugin}
        ],
        "uid": f"{TITLE}-{name}",
        "title": TITLE,
        "tags": [TITLE],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": f"now-{SECONDS // 3600}h", "to": "now"},
        "refresh": "5m",
        "panels": [_grafana_panel(panel, number, source, target) for number, panel in enumerate(shown)],
    }


def _grafana_panel(panel: Panel, number: int, source: dict[str, str], target: Target) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries" if panel.over_time else "table",
        "title": panel.title,
        "description": panel.says,
        "datasource": source,
        "gridPos": {"x": 12 * (number % 2), "y": 8 * (number // 2), "w": 12, "h": 8},
        "fieldConfig": {"defaults": {}, "overrides": []},
        "options": {},
        "targets": [{"refId": "A", "datasource": source, **target(panel)}],
    }


def _sls_target(panel: Panel) -> dict[str, Any]:
    """Return a query as the data source of SLS keeps it:
    https://github.com/aliyun/aliyun-log-grafana-datasource-plugin/blob/master/src/types.ts"""
    names = columns(panel)
    axes = (names[0], ",".join(names[1:])) if panel.over_time else ("", "")
    return {"type": "all", "query": query(panel, GRAFANA_SLS), "xcol": axes[0], "ycol": axes[1]}


def _cls_target(panel: Panel) -> dict[str, Any]:
    """Return a query as the data source of CLS keeps it:
    https://github.com/TencentCloud/cls-grafana-datasource/blob/master/src/types.ts"""
    return {
        "serviceType": "logService",
        "logServiceParams": {
            "region": "$region",
            "TopicId": "$topic",
            "Query": query(panel, CLS),
            "SyntaxRule": 1,
            "format": "Graph" if panel.over_time else "Table",
        },
    }


def _cls_index() -> dict[str, Any]:
    """Return what CreateIndex needs besides the topic: https://cloud.tencent.com/document/api/614/56445

    Texts are not cut into words, so that a search compares whole values.
    """
    fields = [
        {"Key": field.name, "Value": {"Type": field.index, "Tokenizer": "", "SqlFlag": True}}
        for field in FIELDS
        if field.index is not None
    ]
    return {"Status": True, "Rule": {"KeyValue": {"CaseSensitive": True, "KeyValues": fields}}}


_CLS_VARIABLES = [
    {"name": name, "label": label, "type": "textbox", "query": "", "current": {"text": "", "value": ""}}
    for name, label in (("region", "Region of the log topic"), ("topic", "Id of the log topic"))
]
"""A person fills in both at the top of the dashboard."""


if __name__ == "__main__":
    main()
