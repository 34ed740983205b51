"""These tests check what a policy file may contain, and how a wrong one is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imagelabels import policyfile as rules
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.policy import Policy, Rules

BASE = Policy(0.6, "zh-Hans", "ai/", 3, "confidence")
Read = Callable[[str | bytes], Rules]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def load(text: str | bytes) -> Rules:
        path = tmp_path / "policy.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return rules.load(path, BASE, 0.1, taxonomy.load())

    return load


@pytest.fixture
def refused(read: Read) -> Callable[[str | bytes], str]:
    def refusal(text: str | bytes) -> str:
        with pytest.raises(Misconfigured) as error:
            read(text)
        return str(error.value).partition("policy.toml")[2]

    return refusal


def test_a_rule_says_everything_that_it_may(read: Read) -> None:
    policy = read(
        """
        [[rule]]
        prefix = "oss://photos/"
        label = true
        threshold = 1
        thresholds = { dog = 0.9 }
        exclude = ["person"]
        only = ["mammal", "bird"]
        rename = { dog = "Hounds" }
        map = { "imm:露营" = "tent" }
        language = "en"
        tag_limit = 0
        tag_value = "category"
        """
    ).at("oss://photos/a.jpg")
    assert policy == Policy(
        threshold=1.0,
        language="en",
        tag_prefix="ai/",
        tag_limit=0,
        tag_value="category",
        label=True,
        thresholds=(("dog", 0.9),),
        exclude=("person",),
        only=("bird", "mammal"),
        rename=(("dog", "Hounds"),),
        map=(("imm:露营", "tent"),),
    )


def test_what_no_rule_says_the_settings_say(read: Read) -> None:
    read_rules = read('[[rule]]\nprefix = "oss://photos/"\nlabel = false')
    assert read_rules.at("oss://photos/a.jpg") == Policy(0.6, "zh-Hans", "ai/", 3, "confidence", label=False)
    assert read_rules.at("oss://others/a.jpg") == BASE


def test_a_longer_prefix_takes_over_what_it_does_not_say_and_replaces_what_it_does(read: Read) -> None:
    read_rules = read(
        """
        [[rule]]
        prefix = "oss://photos/2026/"
        threshold = 0.9
        exclude = []

        [[rule]]
        prefix = ""
        exclude = ["dog"]
        thresholds = { cat = 0.5 }

        [[rule]]
        prefix = "oss://photos/"
        threshold = 0.8
        exclude = ["cat"]
        """
    )
    deep, wide, all_else = (read_rules.at(f"{uri}a.jpg") for uri in ("oss://photos/2026/", "oss://photos/", "cos://x/"))
    assert (deep.threshold, deep.exclude, deep.thresholds) == (0.9, (), (("cat", 0.5),))
    assert (wide.threshold, wide.exclude, wide.thresholds) == (0.8, ("cat",), (("cat", 0.5),))
    assert (all_else.threshold, all_else.exclude) == (0.6, ("dog",))
    assert deep.source("threshold") == "rule oss://photos/2026/"
    assert deep.source("thresholds") == "the rule for everything"
    assert deep.source("language") == "the settings"


def test_a_label_is_named_by_id_or_in_either_language_and_a_vendors_word_by_its_vocabulary(read: Read) -> None:
    policy = read('[[rule]]\nprefix = ""\nexclude = ["dog", "猫", "Golden Retriever", "imm:露营", "ci:兽类"]').at("x")
    assert policy.exclude == ("cat", "dog", "golden-retriever", "imm:露营", "mammal")


def test_a_wider_word_is_its_categories_and_what_is_named_itself_counts_before_it(read: Read) -> None:
    policy = read('[[rule]]\nprefix = ""\nonly = ["animal"]\nthresholds = { bird = 0.5, animal = 0.9 }').at("x")
    assert "bird" in policy.only
    assert "mammal" in policy.only
    assert dict(policy.thresholds)["bird"] == 0.5
    assert dict(policy.thresholds)["mammal"] == 0.9


def test_a_chain_of_maps_leads_to_its_end(read: Read) -> None:
    policy = read('[[rule]]\nprefix = ""\nmap = { "imm:a" = "dog", dog = "cat", cat = "bird" }').at("x")
    assert policy.map == (("cat", "bird"), ("dog", "bird"), ("imm:a", "bird"))


def test_the_same_words_in_another_order_language_and_layout_are_the_same_digest(read: Read) -> None:
    first = read('[[rule]]\nprefix = "oss://a/"\nexclude = ["dog", "cat"]\nthresholds = {bird = 0.5, daisy = 0.75}')
    second = read(
        '# x\n[[rule]]\nexclude = ["Cats", "狗"]\nprefix = "oss://a/"\n[rule.thresholds]\ndaisy = 7.5e-1\n"鸟"=0.5'
    )
    assert first.at("oss://a/x").digest(1) == second.at("oss://a/x").digest(1)


HEAD = '# rules\n\n[[rule]]\nprefix = "oss://a/"\n\n[[rule]]\nprefix = "oss://b/"\nlanguage = "en"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("threshold = 70", "line 9, rule oss://b/, threshold: 70 is not from 0 to 1: did you mean 0.7?"),
        (
            "[rule.thresholds]\ncat = 0.9\ndog = 70",
            "line 11, rule oss://b/, thresholds: 70 is not from 0 to 1: did you mean 0.7?",
        ),
        ("threshold = -1", "line 9, rule oss://b/, threshold: input should be greater than or equal to 0"),
        ("threshold = nan", "line 9, rule oss://b/, threshold: "),
        ('threshold = "0.7"', "line 9, rule oss://b/, threshold: input should be a valid number"),
        ("threshold = 0.05", "line 9, rule oss://b/, threshold: 0.05 is below IMAGELABELS_DETECT_FLOOR, 0.1"),
        ("thresholds = {dog = 0.05}", "line 9, rule oss://b/, thresholds: 0.05 is below IMAGELABELS_DETECT_FLOOR"),
        ("[rule.thresholds]\ncat = 0.9\nhorze = 0.5", "line 11, rule oss://b/, thresholds: no label is called 'horze'"),
        (
            'exclude = [\n  "cat",\n  "golden retreiver",\n]',
            "line 11, rule oss://b/, exclude: no label is called 'golden retreiver': did you mean golden-retriever?",
        ),
        (
            'only = ["xyzzy"]',
            "line 9, rule oss://b/, only: no label is called 'xyzzy': `imagelabels labels` lists all labels, and a "
            "vendor's own word is written as ci:WORD or imm:WORD",
        ),
        ('only = ["kittens"]', "line 9, rule oss://b/, only: no label is called 'kittens': write cat"),
        ('only = ["兽类"]', "line 9, rule oss://b/, only: no label is called '兽类': write mammal"),
        ('map = {"imm:a" = "小猫"}', "line 9, rule oss://b/, map: no label is called '小猫': write cat"),
        ('rename = {kitten = "x"}', "line 9, rule oss://b/, rename: no label is called 'kitten': write cat"),
        ("thresholds = {kitten = 0.5}", "line 9, rule oss://b/, thresholds: no label is called 'kitten': write cat"),
        ('only = ["imm:"]', "line 9, rule oss://b/, only: no label is called 'imm:'"),
        ("tresholds = {dog = 0.5}", "line 9, rule oss://b/, tresholds: not known: did you mean thresholds?"),
        ('tag_prefix = "x:"', "line 9, rule oss://b/, tag_prefix: not known"),
        ('label = "no"', "line 9, rule oss://b/, label: input should be a valid boolean"),
        ("tag_limit = 11", "line 9, rule oss://b/, tag_limit: input should be less than or equal to 10"),
        ('exclude = "dog"', "line 9, rule oss://b/, exclude: input should be a valid list"),
        ('rename = {dog = ""}', "line 9, rule oss://b/, rename: a name has at least one letter"),
        ('rename = {dog = "a\\u001b[31m"}', "line 9, rule oss://b/, rename: a name has at least one letter"),
        (
            'rename = {animal = "x"}',
            "line 9, rule oss://b/, rename: 'animal' is a word for several labels; name one of",
        ),
        ('rename = {dog = "Cat"}', "line 9, rule oss://b/, rename: 'Cat' is what cat is called; to make one"),
        ('rename = {dog = "Pet", cat = "pet"}', "line 9, rule oss://b/, rename: 'pet' is what dog is called"),
        ("[rename]", "line 9: rename belongs to no rule: write it below [[rule]]"),
        (
            'rename = {dog = "Big-Pet", cat = "big pet"}',
            "line 9, rule oss://b/, rename: 'big pet' is what dog is called",
        ),
        ('[rule.rename]\ndog = "猫"\ncat = "狗"', "rule oss://b/, rename: a cycle: "),
        ('map = {dog = "cat", cat = "bird", bird = "dog"}', "line 9, rule oss://b/, map: a cycle: dog -> cat -> bird"),
        ('map = {dog = "dog"}', "line 9, rule oss://b/, map: a cycle: dog -> dog"),
        (
            'map = {dog = "animal"}',
            "line 9, rule oss://b/, map: 'animal' is a word for several labels; name one of mammal, bird,",
        ),
        ('map = {dog = "imm:露营"}', "line 9, rule oss://b/, map: 'imm:露营' is a vendor's word: map to a"),
        ('map = {dog = "cat", "狗" = "bird"}', "line 9, rule oss://b/, map: 'dog' and '狗' are the same label"),
        ('[[rule]]\nprefix = "oss://b/"', "line 10, rule oss://b/, prefix: another rule has the same prefix"),
        ('[[rule]]\nprefix = "oss://photos"', "line 10, rule oss://photos, prefix: not the beginning of a URI"),
        ('[[rule]]\nprefix = "photos/"', "line 10, rule photos/, prefix: not the beginning of a URI"),
        ("[[rule]]\nlabel = false", "line 9, rule number 3, prefix: missing: which objects is the rule for?"),
        ('[[rules]]\nprefix = "oss://c/"', "line 9: rules is not known: rules are tables, [[rule]]"),
        ("threshold = ", "is not TOML: "),
        ("threshold = 0.5\nthreshold = 0.6", "is not TOML: "),
        ("x = " + "[" * 5000, "is not TOML: "),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line_and_name(refused: Callable[[str], str], text: str, message: str) -> None:
    assert message in refused(HEAD + text)


def test_a_mistake_in_the_syntax_is_told_with_its_line(refused: Callable[[str], str]) -> None:
    assert "at line 9" in refused(HEAD + "threshold = \nlabel = true")


def test_several_mistakes_are_told_at_once_but_no_more_than_five(refused: Callable[[str], str]) -> None:
    message = refused(HEAD + "exclude = [" + ", ".join(f'"zzz{number}"' for number in range(2000)) + "]")
    assert message.count("no label is called") == 5


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "rule = []\n"])
def test_a_file_without_rules_is_refused_with_the_least_that_one_needs(
    refused: Callable[[str], str], text: str
) -> None:
    assert refused(text) == ' has no rules: write at least [[rule]] and below it prefix = "oss://bucket/"'


def test_a_file_of_ten_megabytes_is_refused_and_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    with path.open("wb") as file:
        file.truncate(10_000_000)
    with pytest.raises(Misconfigured, match="larger than 1000000 bytes"):
        rules.load(path, BASE, 0.1, taxonomy.load())


@pytest.mark.parametrize("part", ["a.", "a . ", '"a".', "'a' . ", '"a.b".', "rule."])
@pytest.mark.parametrize(("opening", "closing"), [("", " = 1"), ("[", "]"), ("[[", "]]"), ("x = { ", " = 1 }")])
def test_a_key_of_hundreds_of_thousands_of_parts_is_refused_before_it_is_read(
    refused: Callable[[str], str], opening: str, closing: str, part: str
) -> None:
    text = f"# a comment\n{opening}{part * 150_000}a{closing}\n"
    assert refused(text) == (
        ": line 2: a key has more than 16 parts with dots between them: write a name that contains dots in quotes"
    )


def test_dots_in_texts_comments_and_numbers_are_no_parts_of_a_key(read: Read) -> None:
    dots = "a.b" * 100
    table = ", ".join(f'"imm:{n}.{n}.x" = 0.5' for n in range(100))
    several = f"""
        # {dots} " \' {dots}
        [[rule]]
        prefix = "oss://photos/{dots}\\"/{dots}"  # {dots}
        thresholds = {{ {table} }}
        rename = {{ \'imm:{dots[:150]}\' = \'{"." * 50}"x\', "imm:x" = \'\'\'{"." * 60}\'\'\' }}
        """
    assert read(several).by_prefix[0][1].rename[1] == ("imm:x", "." * 60)


@pytest.mark.parametrize("text", ['"', "'", '"\\"', '"""', "'''", '"""\\', "\\", "#", "\"#'", ' = "', "[", "{a="])
def test_a_file_full_of_one_mark_is_refused_as_any_other_that_is_no_toml(
    refused: Callable[[str], str], text: str
) -> None:
    assert len(refused(f"[[rule]]\n{text * (900_000 // len(text))}")) < 300


def test_more_than_a_thousand_rules_are_refused(refused: Callable[[str], str]) -> None:
    text = "".join(f'[[rule]]\nprefix = "oss://a/{number}/"\n' for number in range(1001))
    assert "1001 rules: the limit is 1000" in refused(text)


def test_what_is_no_text_is_refused(refused: Callable[[bytes], str]) -> None:
    assert "not encoded in UTF-8" in refused(b"\xff\xfe[[rule]]")


def test_a_mark_that_some_editors_write_before_the_text_does_no_harm(read: Read) -> None:
    assert read(b'\xef\xbb\xbf[[rule]]\r\nprefix = ""\r\nthreshold = 0.5\r\n').at("x").threshold == 0.5


def test_a_rule_as_a_plain_table_is_refused_with_the_right_brackets(refused: Callable[[str], str]) -> None:
    assert "line 1: rules are tables with two brackets: [[rule]]" in refused('[rule]\nprefix = ""')


@pytest.mark.parametrize("name", ["missing.toml", "folder", "pipe", "a\0b"])
def test_what_cannot_be_opened_is_said_and_does_not_keep_us_waiting(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Misconfigured, match=r"cannot be read|is not a regular file"):
        rules.load(tmp_path / name, BASE, 0.1, taxonomy.load())
