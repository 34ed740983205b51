"""The SDK's models are all there, and only those that are used are loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imagelabels

SHARED = str(Path(imagelabels.__file__).parent.parent)
OPENED = """
import sys
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_IMM_PROJECT": "imagelabels"})
aliyun.open_detector_imm(settings, AliyunCredentials(AliyunKeys("id", "secret")), 0.1)
from alibabacloud_imm20200930 import models
"""


def said(program: str) -> list[str]:
    """Run a program in a fresh interpreter, and return the lines that it prints."""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": SHARED})
    return done.stdout.splitlines()


def test_opening_the_detector_loads_the_models_that_it_uses_and_no_others() -> None:
    count = "print(sum(name.startswith('alibabacloud_imm20200930.models.') for name in sys.modules))"
    assert int(said(OPENED + count)[0]) < 10


def test_every_model_can_be_had_and_is_the_one_that_the_sdk_has() -> None:
    """Some names, as those with an abbreviation, do not tell the name of their module."""
    listed = """
import ast, pathlib
source = pathlib.Path(models.__path__[0], "__init__.py").read_text()
names = [alias.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) for alias in node.names]
names = [name for name in names if name != "annotations"]
alone = models.CredentialConfigChain
got = {name: getattr(models, name) for name in names}
print(len(names) > 500, [name for name, model in got.items() if model.__name__ != name], alone is got[alone.__name__])
print(hasattr(models, "NoSuchModel"))
"""
    assert said(OPENED + listed) == ["True [] True", "False"]
