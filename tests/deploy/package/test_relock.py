"""What `make lock` resolves the packages from."""

from __future__ import annotations

from imagelabels.deploy.package import needs, relock


def test_every_distribution_that_a_function_imports_has_its_bounds_in_pyproject() -> None:
    bounds = relock.bounds()
    assert {name for names in needs.REQUIRED.values() for name in names} <= bounds.keys()
    assert bounds["oss2"].startswith("oss2>=")


def test_names_are_compared_in_their_normal_form() -> None:
    assert relock.normal("cos_python.SDK--v5>=1.9") == "cos-python-sdk-v5"
    assert relock.normal("tomli==2.0 ; python_version < '3.11'") == "tomli"
    assert relock.normal("") == ""
