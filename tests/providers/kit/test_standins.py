"""Stand-ins: an SDK that imports what we never use does without it, and nobody else notices."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import imagelabels
from imagelabels.providers.kit.standins import StandIn, standing_in

SHARED = str(Path(imagelabels.__file__).parent.parent)
SDK = """
import nowhere_real
import nowhere_real.deep.down
from nowhere_real import Session
from nowhere_real.errors import Broken, Lost

class Pool(nowhere_real.Base):
    def open(self, session: nowhere_real.Session) -> Session: ...

def call():
    try:
        raise ValueError("ours")
    except Broken:
        return "theirs"
"""


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sdk_of_a_test.py").write_text(SDK)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sdk_of_a_test", raising=False)


@pytest.mark.usefixtures("sdk")
def test_an_sdk_can_import_inherit_annotate_and_catch_what_stands_in() -> None:
    with standing_in("nowhere_real"):
        import sdk_of_a_test  # type: ignore[import-not-found]
    with pytest.raises(ValueError, match="ours"):
        sdk_of_a_test.call()


@pytest.mark.usefixtures("sdk")
def test_afterwards_the_real_module_is_looked_for_again() -> None:
    with standing_in("nowhere_real"):
        import sdk_of_a_test  # noqa: F401
    assert not [name for name, module in sys.modules.items() if isinstance(module, StandIn)]
    with pytest.raises(ModuleNotFoundError):
        import nowhere_real  # type: ignore[import-not-found] # noqa: F401


@pytest.mark.usefixtures("sdk")
def test_two_threads_that_open_an_sdk_at_once_would_fail_at_its_end() -> None:
    first, second = standing_in("nowhere_real"), standing_in("nowhere_real")
    with first:
        second.__enter__()
        importlib.import_module("sdk_of_a_test")
    second.__exit__(None, None, None)
    assert not [name for name in sys.modules if name.startswith("nowhere_real")]
    assert not [finder for finder in sys.meta_path if type(finder).__module__.endswith("standins")]


def test_a_module_of_a_real_package_can_have_a_stand_in_and_is_the_real_one_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "package_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "heavy.py").write_text("weight = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    with standing_in("package_of_a_test.heavy"):
        from package_of_a_test.heavy import weight as stands_in  # type: ignore[import-not-found]
    from package_of_a_test import heavy  # type: ignore[import-not-found]

    assert (issubclass(stands_in, Exception), heavy.weight) == (True, 7)


def test_a_module_that_is_loaded_already_stays_the_real_one() -> None:
    with standing_in("json"):
        import json
    assert json.dumps([1]) == "[1]"


def test_opening_every_service_of_alibaba_loads_none_of_what_it_does_without() -> None:
    program = """
import sys
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_IMM_PROJECT": "imagelabels"})
keys = AliyunCredentials(AliyunKeys("id", "secret"))
aliyun.open_objects(settings, keys)
aliyun.open_shrinker(settings, keys)
aliyun.open_detector_oss(settings, keys, 0.1)
aliyun.open_detector_imm(settings, keys, 0.1)
aliyun.open_ledger(settings, keys, "photos")
unused = (*aliyun.UNUSED_BY_OSS, *aliyun.UNUSED_BY_TABLESTORE, *aliyun.UNUSED_BY_IMM, "aiofiles", "apscheduler")
print(sorted(name for name in sys.modules if f"{name}.".startswith(tuple(f"{module}." for module in unused))))
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": SHARED})
    assert done.stdout == "[]\n"


OPENED = {
    "aliyun": """
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
settings = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_IMM_PROJECT": "imagelabels"})
aliyun.open_objects(settings, AliyunCredentials(AliyunKeys("id", "secret")))
""",
    "tencent": """
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from imagelabels.providers.tencent.settings import TencentSettings
settings = TencentSettings.model_validate({"TENCENTCLOUD_REGION": "ap-guangzhou"})
tencent.open_objects(settings, TencentCredentials(TencentKeys("id", "secret")), {})
tencent.open_detector_ci(settings, TencentCredentials(TencentKeys("id", "secret")), {}, 0.1)
""",
}
GUESS = """
guessers = {"chardet", "charset_normalizer"}
print(sorted(guessers & {name.partition(".")[0] for name in sys.modules}))
import requests
answer = requests.Response()
answer._content = "照片".encode("gb18030") * 20
print(answer.apparent_encoding.lower(), answer.text[:2])
import charset_normalizer
print(len(charset_normalizer.__version__.split(".")), "charset_normalizer.api" in sys.modules)
"""


@pytest.mark.parametrize("cloud", OPENED)
def test_what_guesses_character_sets_is_loaded_when_somebody_asks_for_a_guess_and_not_before(cloud: str) -> None:
    program = f"import sys\nfrom imagelabels.providers import {cloud}\n{OPENED[cloud]}{GUESS}"
    environ = {"PYTHONPATH": SHARED, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "ignore::SyntaxWarning", "-W", "ignore::DeprecationWarning", "-c", program]
    done = subprocess.run(command, capture_output=True, env=environ, check=True)
    assert done.stderr == b"", "requests warns where it finds nothing that guesses"
    assert done.stdout.decode().splitlines() == ["[]", "gb18030 照片", "3 True"]


def test_a_module_that_guesses_and_is_loaded_already_stays_the_real_one() -> None:
    import charset_normalizer

    with standing_in():
        assert sys.modules["charset_normalizer"] is charset_normalizer
    assert sys.modules["charset_normalizer"] is charset_normalizer
    assert "chardet" not in sys.modules
