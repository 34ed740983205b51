"""What can be ordered, and that all of it is locked."""

from __future__ import annotations

import pytest

from imagelabels.deploy.package import lock, needs
from imagelabels.deploy.package.distribution import RECIPES
from imagelabels.deploy.package.target import CLOUDS, Order, order, orders
from imagelabels.domain.errors import Misconfigured


def test_a_package_for_a_python_that_the_cloud_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(Misconfigured, match=r"tencent has no runtime 'python3\.12': use python3\.10$"):
        order("tencent", "python3.12")
    with pytest.raises(Misconfigured, match=r"aliyun has no runtime '3\.9': use python3\.10 or python3\.12$"):
        order("aliyun", "3.9")


def test_another_clouds_detector_and_an_unknown_cloud_or_index_are_refused() -> None:
    with pytest.raises(Misconfigured, match="on tencent has no detector 'imm': use ci or embedded"):
        order("tencent", detector="imm")
    with pytest.raises(Misconfigured, match="'aws' is no cloud that packages are made for: use aliyun or tencent"):
        order("aws")
    with pytest.raises(Misconfigured, match="has no index 'redis': use tablestore or sqlite"):
        order("aliyun", index="redis")


def test_without_a_word_a_package_is_for_the_runtime_that_is_no_preview_and_for_the_templates_detector() -> None:
    assert order("aliyun").name == "aliyun-python3.10-imm-tablestore"
    assert order("tencent").name == "tencent-python3.10-ci-tablestore"


def test_no_wheel_is_asked_for_that_is_newer_than_the_platforms_system() -> None:
    assert order("tencent").platforms[:2] == ["manylinux_2_17_x86_64", "manylinux2014_x86_64"]
    on_aliyun = order("aliyun", "python3.12").platforms
    assert on_aliyun[0] == "manylinux_2_31_x86_64"
    assert "manylinux2014_x86_64" in on_aliyun
    assert on_aliyun[-2:] == ["manylinux1_x86_64", "linux_x86_64"]


@pytest.mark.parametrize("one", orders(), ids=lambda one: str(one.name))
def test_every_package_that_can_be_ordered_is_locked_with_all_that_its_function_imports(one: Order) -> None:
    locked = {distribution.name for distribution in lock.load(one)}
    wanted = set(needs.required(one)) - ({"tomli"} if one.python >= (3, 11) else set())
    assert wanted <= locked
    assert locked == set(needs.imported(one, locked))
    assert not locked & {"click", "rich", "pygments", "pip", "setuptools"}


def test_what_only_one_detector_or_index_needs_is_in_no_other_package() -> None:
    for one in orders():
        locked = {distribution.name for distribution in lock.load(one)}
        assert ("alibabacloud-imm20200930" in locked) == (one.detector == "imm")
        assert ("onnxruntime" in locked) == ("numpy" in locked) == (one.detector == "embedded")
        assert ("tablestore" in locked) == (one.index == "tablestore")
        assert ("oss2" in locked) == (one.cloud is CLOUDS["aliyun"])


def test_every_distribution_that_comes_as_sources_has_a_recipe_that_some_package_uses() -> None:
    assert set(RECIPES) <= {distribution.name for one in orders() for distribution in lock.load(one)}
