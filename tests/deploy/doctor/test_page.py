"""These tests check that docs/doctor.md explains every check, and that each check has one name and whole sentences."""

from pathlib import Path

from imagelabels.deploy.checks.finding import Check
from imagelabels.deploy.checks.page import page
from imagelabels.deploy.checks.table import GROUPS

PAGE = Path(__file__).parents[3] / "docs" / "doctor.md"
CHECKS: list[Check] = [check for _, checks in GROUPS for check in checks]


def test_the_page_would_explain_other_checks_than_there_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "make it again, with the command in the page"


def test_two_checks_would_share_a_name() -> None:
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names))


def test_a_script_could_not_rely_on_a_name() -> None:
    for check in CHECKS:
        assert all(part.isalpha() and part.islower() for part in check.name.split("-")), check.name


def test_a_check_would_say_half_a_sentence() -> None:
    for check in CHECKS:
        for text in (check.fault, check.consequence, check.cure):
            assert text[0].isupper(), check.name
            assert text.endswith("."), check.name
            assert "|" not in text, check.name


def test_a_check_would_be_left_out_of_the_page() -> None:
    """Each module of checks lists its own, and a new one is easily forgotten there."""
    from imagelabels.deploy.checks import account, events, failures, files, function, index, roles

    for module in (account, events, failures, files, function, index, roles):
        assert tuple(value for value in vars(module).values() if isinstance(value, Check)) == module.ALL
