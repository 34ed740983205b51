"""These tests check that s.yaml describes the same function as the template."""

from pathlib import Path
from typing import Any

import yaml

from imagelabels.deploy.package.target import order
from imagelabels.deploy.template import serverless_devs
from imagelabels.deploy.template.document import read
from imagelabels.deploy.template.resolve import ACCOUNT, EXAMPLE, REGION, stacks

ROOT = Path(__file__).parents[3]
TEMPLATE = (ROOT / "template.yml").read_text(encoding="utf-8")
COMMITTED = (ROOT / "s.yaml").read_text(encoding="utf-8")


def _properties() -> dict[str, Any]:
    properties: dict[str, Any] = yaml.safe_load(COMMITTED)["resources"]["imagelabels"]["props"]
    return properties


def test_s_yaml_is_the_one_that_the_template_makes() -> None:
    assert serverless_devs.text(TEMPLATE) == COMMITTED, "make it again, with the command in its first line"


def test_nobody_gets_the_region_or_the_account_of_the_examples() -> None:
    text = yaml.safe_dump(_properties())
    assert not [example for example in (REGION, ACCOUNT, EXAMPLE, "<") if example in text]


def test_every_variable_of_s_yaml_is_used_and_every_used_one_is_there() -> None:
    text = yaml.safe_dump(_properties(), width=1000)
    used = {part.partition("}")[0] for part in text.split("${vars.")[1:]}
    assert used == set(yaml.safe_load(COMMITTED)["vars"])


def test_s_yaml_takes_the_package_that_is_made_for_the_defaults_of_the_template() -> None:
    (function,) = next(stacks(read(TEMPLATE))).labelling()
    package = order("aliyun")
    assert package.runtime == function.properties["Runtime"] == _properties()["runtime"]
    assert package.detector == function.properties["EnvironmentVariables"]["IMAGELABELS_DETECTOR"]
    assert package.index == function.properties["EnvironmentVariables"]["IMAGELABELS_INDEX"].partition(":")[0]
    assert f"-{package.name}-" in yaml.safe_load(COMMITTED)["vars"]["Code"]


def test_s_yaml_has_the_timer_with_the_same_settings_and_one_instance() -> None:
    timer = yaml.safe_load(COMMITTED)["resources"]["timer"]["props"]
    assert timer["environmentVariables"] == _properties()["environmentVariables"]
    assert timer["handler"] == "index.resume"
    assert timer["concurrencyConfig"] == {"reservedConcurrency": 1}
    (trigger,) = timer["triggers"]
    assert trigger["triggerConfig"]["cronExpression"] == "@every 10m"
    assert trigger["triggerConfig"]["payload"] == "oss://${vars.BucketName}/"


def test_environment_variables_keep_their_names() -> None:
    assert "IMAGELABELS_DETECTOR" in _properties()["environmentVariables"]
    assert _properties()["asyncInvokeConfig"]["maxAsyncRetryAttempts"] == 3
