"""What a function loads: at a cold start, and until it has labelled a picture."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.emulator.running import COS_BUCKET, running_cos
from tests.model import PHOTOS, model_path

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"

HEAVY = {
    "PIL",
    "Tea",
    "aiohttp",
    "boto3",
    "darabonba",
    "numpy",
    "onnxruntime",
    "oss2",
    "qcloud_cos",
    "requests",
    "rich",
}
HEAVY |= {"alibabacloud_credentials", "alibabacloud_imm20200930", "alibabacloud_tea_openapi", "tablestore", "urllib3"}

OURS, ALL_ADDED = 64, 323
"""So many modules a cold start loads at most: ours, and all that the bare interpreter has not loaded already. Other
versions of Python and of the packages differ in some."""

LABEL_A_PICTURE = """
import json, sys, index
answer = index.main_handler(json.load(sys.stdin), {"request_id": "r", "time_limit_in_ms": 90000})
print(json.dumps([answer["records"], sorted(sys.modules)]), file=sys.stderr)
"""


def run(
    folder: str, program: str, environ: Mapping[str, str] = {}, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter, in the folder of a function, as its platform does."""
    environ = {"PYTHONPATH": str(FUNCTIONS.parent / "shared"), **environ}
    command = [sys.executable, "-c", program]
    place = FUNCTIONS / folder
    return subprocess.run(command, cwd=place, env=environ, input=stdin, capture_output=True, text=True, check=True)


def loaded_by(folder: str, program: str) -> set[str]:
    return set(json.loads(run(folder, f"import sys, json\n{program}\nprint(json.dumps(sorted(sys.modules)))").stdout))


@pytest.mark.parametrize(("cloud", "other"), [("aliyun", "tencent"), ("tencent", "aliyun")])
def test_a_cold_start_loads_no_sdk_and_no_model_before_it_knows_that_it_needs_them(cloud: str, other: str) -> None:
    loaded = loaded_by(f"{cloud}_label", "import index")
    assert f"imagelabels.providers.{cloud}.events" in loaded
    assert HEAVY & loaded == set()
    rooms = (f"imagelabels.providers.{other}", "imagelabels.wiring_", "imagelabels.cli", "emulator")
    assert [name for name in loaded if name.startswith(rooms)] == []


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_a_cold_start_loads_no_more_modules_than_it_used_to(cloud: str) -> None:
    """Every module costs time before the first picture. What only some functions need is loaded when it is needed."""
    added = loaded_by(f"{cloud}_label", "import index") - loaded_by(f"{cloud}_label", "")
    later = {"imagelabels.policyfile", "imagelabels.domain.query", "imagelabels.domain.spelling"}
    assert (later | {"difflib", "tomli", "tomllib"}) & added == set()
    assert len([name for name in added if name.startswith("imagelabels")]) <= OURS
    assert len(added) <= ALL_ADDED


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_an_entry_point_stays_thin(cloud: str) -> None:
    assert len((FUNCTIONS / f"{cloud}_label" / "index.py").read_text().splitlines()) <= 30


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_a_function_that_labels_pictures_loads_nothing_of_the_api(cloud: str) -> None:
    loaded = loaded_by(f"{cloud}_label", "import index")
    rooms = (
        "imagelabels.api",
        "aws_lambda_powertools.event_handler",
        "waitress",
        "jinja2",
        "imagelabels.webhooks",
        "standardwebhooks",
    )
    assert [name for name in loaded if name.startswith(rooms)] == []


@pytest.mark.parametrize(("cloud", "other"), [("aliyun", "tencent"), ("tencent", "aliyun")])
def test_a_function_that_answers_over_http_loads_nothing_that_labels_or_serves(cloud: str, other: str) -> None:
    loaded = loaded_by(f"{cloud}_album", "import index")
    assert f"imagelabels.providers.{cloud}.http" in loaded
    assert HEAVY & loaded == set()
    rooms = (f"imagelabels.providers.{other}", "imagelabels.wiring", "imagelabels.cli", "emulator", "waitress")
    assert [name for name in loaded if name.startswith(rooms)] == []
    work = {"imagelabels.usecases.reconcile", "imagelabels.usecases.attempt", "imagelabels.api.stores"}
    assert work & loaded == set()


@pytest.mark.parametrize(("cloud", "other"), [("aliyun", "tencent"), ("tencent", "aliyun")])
def test_a_function_that_sends_webhooks_loads_nothing_that_labels_or_answers_over_http(cloud: str, other: str) -> None:
    loaded = loaded_by(f"{cloud}_webhooks", "import index")
    assert "imagelabels.webhooks.sending" in loaded
    assert HEAVY & loaded == set()
    rooms = (f"imagelabels.providers.{other}", "imagelabels.wiring", "imagelabels.cli", "imagelabels.api", "emulator")
    assert [name for name in loaded if name.startswith(rooms)] == []
    assert {"imagelabels.usecases.reconcile", "imagelabels.usecases.attempt"} & loaded == set()


@pytest.mark.story
def test_a_function_that_labels_a_picture_by_the_embedded_detector_loads_nothing_that_compiles_a_model(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name, _, appid = COS_BUCKET.rpartition("-")
    with running_cos(tmp_path / "data") as running:
        running.client().put_object(COS_BUCKET, (PHOTOS / "chelsea.png").read_bytes(), "cat.png")
        key = running.keyring.issue(600)
        environ = {
            "TENCENTCLOUD_SECRETID": key.id,
            "TENCENTCLOUD_SECRETKEY": key.secret,
            "TENCENTCLOUD_SESSIONTOKEN": key.token or "",
            "IMAGELABELS_ENDPOINT_COS": running.endpoint,
            "IMAGELABELS_INDEX": f"sqlite:///{tmp_path}/labels.db",
            "IMAGELABELS_DETECTOR": "embedded",
            "IMAGELABELS_RECALL": "more",
            "IMAGELABELS_FACES": "on",
            "IMAGELABELS_MODEL": str(model_path(tmp_path_factory)),
        }
        there = {"url": f"http://{running.host()}/x", "key": f"/{appid}/{name}/cat.png"}
        cos = {"cosBucket": {"name": name, "appid": appid, "region": "gz"}, "cosObject": there}
        event = {"Records": [{"cos": cos, "event": {"eventName": "cos:ObjectCreated:Put"}}]}
        ended = run("tencent_label", LABEL_A_PICTURE, environ, json.dumps(event))
    (record,), loaded = json.loads(ended.stderr)
    assert (record["state"], "cat" in record["label_ids"]) == ("labelled", True)
    assert "imagelabels.providers.onnx.detector" in loaded
    assert [module for module in loaded if module.startswith("imagelabels.providers.onnx.build")] == []
