"""These tests check that docs/deploy.md lists the plan's parameters as they are."""

from pathlib import Path

from imagelabels.deploy.tencent.plan import Parameter, read, shipped

DOCS = Path(__file__).parents[3] / "docs" / "deploy.md"


def row(parameter: Parameter) -> str:
    default = "must be given" if parameter.default is None else f"`{parameter.default}`" if parameter.default else ""
    return f"| `{parameter.name}` | {default} | {parameter.says} |"


def test_the_docs_would_list_other_parameters_than_the_plan_has() -> None:
    rows = [row(parameter) for parameter in read(shipped()).parameters.values() if not parameter.secret]
    assert "\n".join(rows) in DOCS.read_text("utf-8"), "\n".join(rows)
