"""These tests check that the extract is that of the vendor's model, and what is read from its descriptions."""

import io
import json
import zipfile

import pytest

from imagelabels.deploy.tencent import api
from imagelabels.deploy.tencent.extract_api import CALLS, extract, text


def wheel(left_out: str = "") -> zipfile.ZipFile:
    member = {"document": "长度2-60", "member": "string", "name": "Name", "required": True, "type": "string"}
    more = [
        {"document": "可选值范围 1-900 秒，默认为 3 秒", "member": "int64", "name": "Timeout", "type": "int"},
        {"document": "64、128MB-3072MB，并且以 128MB 为阶梯", "member": "int64", "name": "Step", "type": "int"},
        {
            "document": "运行环境：\n- Python3.9\n- Php7(7.2版本)",
            "member": "string",
            "name": "Runtime",
            "type": "string",
        },
        {"document": "取值['DISABLE','ENABLE']", "member": "string", "name": "Net", "type": "string"},
        {"document": "OPEN表示开启 CLOSE表示关闭", "member": "string", "name": "Enable", "type": "string"},
        {"document": "TRUE 为开启，FALSE为关闭", "member": "string", "name": "Trace", "type": "string"},
        {"document": "", "member": "Part", "name": "Parts", "type": "list"},
        {"document": "", "member": "string", "name": "Old", "type": "string", "disabled": True},
    ]
    objects = {"In": {"members": [member, *more]}, "Out": {"members": []}, "Part": {"members": [member]}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for service, (version, calls) in CALLS.items():
            actions = {name: {"input": "In", "output": "Out"} for name in calls if name != left_out}
            path = f"tccli/services/{service}/v{version.replace('-', '')}/api.json"
            archive.writestr(path, json.dumps({"actions": actions, "objects": objects}))
    return zipfile.ZipFile(buffer)


def test_a_limit_in_the_descriptions_would_be_lost() -> None:
    model = extract(wheel())["scf"]["objects"]
    assert model["In"] == {
        "Name": {"type": "string", "required": True, "min_length": 2, "max_length": 60},
        "Timeout": {"type": "int64", "min": 1, "max": 900},
        "Step": {"type": "int64", "step": 128},
        "Runtime": {"type": "string", "allowed": ["Python3.9", "Php7"]},
        "Net": {"type": "string", "allowed": ["DISABLE", "ENABLE"]},
        "Enable": {"type": "string", "allowed": ["OPEN", "CLOSE"]},
        "Trace": {"type": "string", "allowed": ["TRUE", "FALSE"]},
        "Parts": {"type": "Part", "list": True},
    }
    assert model["Part"] == {"Name": model["In"]["Name"]}
    assert json.loads(text({"services": model})) == {"services": model}


def test_a_call_that_the_vendor_removed_would_vanish_silently() -> None:
    with pytest.raises(SystemExit, match="has no call GetFunction"):
        extract(wheel("GetFunction"))


def test_the_extract_would_be_of_other_calls() -> None:
    assert {name: (model["version"], tuple(model["actions"])) for name, model in api.services().items()} == CALLS


def test_the_limits_of_a_function_would_be_unknown() -> None:
    function = api.inputs("scf", "CreateFunction")
    assert function["MemorySize"] == {"type": "int64", "min": 128, "max": 3072, "step": 128}
    assert function["Timeout"] == {"type": "int64", "min": 1, "max": 900}
    assert [name for name in function["Runtime"]["allowed"] if name.startswith("Python")][-1] == "Python3.10"
