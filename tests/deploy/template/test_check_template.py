"""These tests check that the template passes its check, and that each planted fault is found and explained."""

from pathlib import Path

import pytest

from imagelabels.deploy.template import check_template
from tests.deploy.template.faults import FAULTS, SECOND_TRIGGER, WARNINGS

pytestmark = pytest.mark.story

TEMPLATE = Path(__file__).parents[3] / "template.yml"
TEXT = TEMPLATE.read_text(encoding="utf-8")


def test_the_template_as_it_stands_has_no_problem() -> None:
    assert check_template.problems(TEXT) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_template_that_would_fail_or_harm_in_the_cloud_is_not_let_through(fault: str) -> None:
    sound, faulty, check, words = FAULTS[fault]
    assert sound in TEXT, "this fault no longer fits the template"
    findings = check_template.problems(TEXT.replace(sound, faulty, 1))
    assert [finding for finding in findings if finding.check == check and words in str(finding)], findings


def test_the_line_of_a_name_that_is_given_twice_would_be_wrong() -> None:
    sound, faulty, check, _ = FAULTS["name given twice"]
    line = TEXT[: TEXT.index(sound)].count("\n") + 2
    (finding,) = check_template.problems(TEXT.replace(sound, faulty, 1))
    assert finding.check == check
    assert finding.cause == f"The template cannot be read: line {line}: Handler appears twice: keep one."


@pytest.mark.parametrize("choice", WARNINGS)
def test_a_choice_that_some_regions_refuse_is_named_and_lets_the_template_through(
    choice: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, chosen, check, words = WARNINGS[choice]
    assert sound in TEXT, "this choice no longer fits the template"
    template = tmp_path / "template.yml"
    template.write_text(TEXT.replace(sound, chosen, 1), encoding="utf-8")
    assert check_template.main(template) == 0
    assert f"{template}: warning: {words}" in capsys.readouterr().out
    assert [finding.check for finding in check_template.problems(template.read_text("utf-8"))] == [check]


def test_more_triggers_than_a_bucket_takes_are_reported() -> None:
    trigger = SECOND_TRIGGER.removesuffix("\nOutputs:\n")
    more = "\n".join(trigger.replace("Second:", f"More{number}:") for number in range(10))
    findings = check_template.problems(TEXT.replace("\nOutputs:", f"{more}\nOutputs:"))
    (finding,) = (finding for finding in findings if finding.check == "too-many-triggers")
    assert "has 11 triggers, and the vendor takes at most 10" in finding.cause


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping"),
        ("a: [", "line 1 is not YAML: expected the node content"),
        ("a:\n  b: 1\n c: 2", "line 3 is not YAML: expected <block end>"),
        ("\x00", "not YAML: unacceptable character"),
        ("ROSTemplateFormatVersion: '2015-09-01'\nResource: {}", "unknown section Resource"),
        ("ROSTemplateFormatVersion: 2015-09-02", "must be '2015-09-01'"),
        ("ROSTemplateFormatVersion: '2015-09-01'\nResources: [Function]", "Resources: must be a mapping"),
        ("ROSTemplateFormatVersion: '2015-09-01'\nResources: {Function: 1}", "Resources: must be a mapping"),
        (
            "ROSTemplateFormatVersion: '2015-09-01'\nOutputs: {A: {Value: !Select [0, []]}}",
            "Fn::Select is not supported",
        ),
    ],
)
def test_a_file_that_is_no_template_is_reported_without_a_traceback(text: str, message: str) -> None:
    (problem,) = check_template.problems(text)
    assert message in problem.cause


def test_the_command_fails_so_that_continuous_integration_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = tmp_path / "template.yml"
    faulty.write_text(TEXT.replace("index.handler", "[index]"), encoding="utf-8")
    assert check_template.main(TEMPLATE) == 0
    assert capsys.readouterr().out == ""
    assert check_template.main(faulty) == 1
    assert f"{faulty}: Function.Handler: It must be a string" in capsys.readouterr().out
    assert check_template.main(tmp_path / "none.yml") == 1


def chain(length: int, text: str) -> str:
    """The template with a row of roles, each of which is named after the next one."""
    names = [text.replace("NEXT", f"{{R{number + 1}.RoleName}}") for number in range(length)]
    rows = "\n".join(
        f"  R{number}: {{Type: 'ALIYUN::RAM::Role', Properties: {{RoleName: !Sub '{name}'}}}}"
        for number, name in enumerate([*names, "x"])
    )
    return TEXT.replace("\nOutputs:", f"\n{rows}\nOutputs:")


@pytest.mark.parametrize(("length", "text"), [(60, "$NEXT$NEXT"), (2000, "$NEXT")])
def test_functions_that_name_others_again_and_again_would_take_all_memory_or_end_in_a_traceback(
    length: int, text: str
) -> None:
    (finding,) = check_template.problems(chain(length, text))
    assert finding.check == "not-readable"


def test_conditions_that_name_others_again_and_again_would_take_for_ever() -> None:
    row = [f"  C{number}: !And [C{number + 1}, C{number + 1}]" for number in range(60)]
    rows = "\n".join([*row, "  C60: !Equals [a, a]"])
    text = TEXT.replace("\nConditions:\n", f"\nConditions:\n{rows}\n", 1).replace(
        "\nOutputs:", "\n  Unused: {Type: 'ALIYUN::RAM::Role', Condition: C0, Properties: {RoleName: x}}\nOutputs:"
    )
    assert "C0" in text
    (finding,) = check_template.problems(text)
    assert finding.check == "not-readable"


def test_properties_that_are_a_text_would_end_in_a_traceback() -> None:
    text = TEXT.replace("\nOutputs:", "\n  Odd: {Type: 'ALIYUN::RAM::Role', Properties: !Sub 'x'}\nOutputs:")
    assert [finding.check for finding in check_template.problems(text)] == ["field-value"]
