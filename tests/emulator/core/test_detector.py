"""The detector command: it reads one path and answers with one JSON line, and it may fail in many ways."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.core.detector import DetectorCommand, DetectorFailed
from tests.emulator.functions.deployed import gone

ECHO = """
    import json, os, sys
    for line in sys.stdin:
        path = line.rstrip("\\n")
        print(json.dumps({"path": path, "labels": [{"pid": os.getpid()}], "size": os.path.getsize(path)}), flush=True)
    """


def program(folder: Path, source: str) -> list[str]:
    file = folder / "detect.py"
    file.write_text("import sys\n" + textwrap.dedent(source))
    return [sys.executable, str(file)]


@asynccontextmanager
async def detecting(command: list[str], **options: Any) -> AsyncIterator[DetectorCommand]:
    detector = DetectorCommand(command, **options)
    try:
        yield detector
    finally:
        await detector.stop()


def pid(answer: dict[str, Any]) -> int:
    return int(answer["labels"][0]["pid"])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "0a1b"
    file.write_bytes(b"12345")
    return file


def failure(command: list[str], picture: Path, **options: Any) -> str:
    async def scene() -> None:
        async with detecting(command, **options) as detector:
            await detector(picture)

    with pytest.raises(DetectorFailed) as caught:
        asyncio.run(scene())
    return str(caught.value)


def test_one_process_answers_for_many_pictures(tmp_path: Path, picture: Path) -> None:
    async def scene() -> None:
        async with detecting(program(tmp_path, ECHO)) as detector:
            answers = [await detector(picture) for _ in range(3)]
            assert answers[0]["path"] == str(picture)
            assert answers[0]["size"] == 5
            assert len({pid(answer) for answer in answers}) == 1
        assert gone(pid(answers[0]))

    asyncio.run(scene())


def test_questions_at_once_get_their_own_answers(tmp_path: Path) -> None:
    pictures = [tmp_path / f"{number:04x}" for number in range(20)]
    for number, file in enumerate(pictures):
        file.write_bytes(b"x" * number)

    async def scene() -> None:
        async with detecting(program(tmp_path, ECHO), size=2) as detector:
            answers = await asyncio.gather(*(detector(file) for file in pictures))
            assert [answer["size"] for answer in answers] == list(range(20))
            assert len({pid(answer) for answer in answers}) == 2

    asyncio.run(scene())


def test_answer_longer_than_a_pipe_and_noise_on_stderr_do_not_block(tmp_path: Path, picture: Path) -> None:
    source = """
        import json
        for line in sys.stdin:
            sys.stderr.write("noise\\n" * 100_000)
            print(json.dumps({"path": line.strip(), "labels": ["x" * 1_000_000]}), flush=True)
        """

    async def scene() -> None:
        async with detecting(program(tmp_path, source)) as detector:
            for _ in range(2):
                assert (await detector(picture))["labels"] == ["x" * 1_000_000]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("print('no labels today', flush=True)", "its answer is not JSON: b'no labels today"),
        ("print('[1]', flush=True)", "its answer is not for"),
        ("""print('{"path": "/another", "labels": []}', flush=True)""", "its answer is not for"),
        ("sys.exit(0)", "it ended without an answer"),
        ("sys.stdout.write('{'); sys.exit(0)", "it ended without an answer"),
        ("import time; time.sleep(3600)", "no answer after 0.5 seconds"),
    ],
)
def test_anything_but_an_answer_fails_with_the_commands_last_words(
    tmp_path: Path, picture: Path, reply: str, said: str
) -> None:
    source = f"print('the model is upside down', file=sys.stderr, flush=True)\nfor line in sys.stdin:\n    {reply}"
    message = failure(program(tmp_path, source), picture, timeout=0.5 if "sleep" in reply else 30.0)
    assert said in message
    assert message.endswith("it last said:\n  the model is upside down") or "sleep" in reply


def test_command_that_takes_long_to_start_is_waited_for_when_it_is_checked(tmp_path: Path, picture: Path) -> None:
    source = """
        import json, os, time
        time.sleep(1)
        for line in sys.stdin:
            print(json.dumps({"path": line.strip(), "labels": []}), flush=True)
        """

    async def scene() -> None:
        async with detecting(program(tmp_path, source), timeout=0.1) as detector:
            await detector.check()
        async with detecting(program(tmp_path, source), timeout=0.1) as detector:
            with pytest.raises(DetectorFailed, match=r"no answer after 0\.1 seconds"):
                await detector(picture)

    asyncio.run(scene())


def test_command_that_failed_is_started_again_for_the_next_picture(tmp_path: Path, picture: Path) -> None:
    source = """
        import json, os
        for line in sys.stdin:
            if os.path.getsize(line.strip()) == 0:
                sys.exit("cannot see")
            print(json.dumps({"path": line.strip(), "labels": [{"pid": os.getpid()}]}), flush=True)
        """
    empty = tmp_path / "empty"
    empty.touch()

    async def scene() -> None:
        async with detecting(program(tmp_path, source)) as detector:
            first = await detector(picture)
            with pytest.raises(DetectorFailed, match="cannot see"):
                await detector(empty)
            assert pid(await detector(picture)) != pid(first)

    asyncio.run(scene())


def test_command_that_died_unasked_is_replaced_unnoticed(tmp_path: Path, picture: Path) -> None:
    async def scene() -> None:
        async with detecting(program(tmp_path, ECHO)) as detector:
            first = pid(await detector(picture))
            os.kill(first, 9)
            while not gone(first):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            assert pid(await detector(picture)) != first

    asyncio.run(scene())


def test_cancelled_question_cannot_answer_the_next_one(tmp_path: Path, picture: Path) -> None:
    async def scene() -> None:
        async with detecting(program(tmp_path, ECHO)) as detector:
            first = pid(await detector(picture))
            question = asyncio.create_task(detector(picture))
            await asyncio.sleep(0)
            question.cancel()
            await asyncio.wait([question])
            assert pid(await detector(picture)) != first

    asyncio.run(scene())


def test_program_that_is_not_there_is_named(picture: Path) -> None:
    assert failure(["no-such-detector"], picture).startswith("no-such-detector: no such program, neither in ")


def test_program_beside_our_interpreter_comes_first(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "bin"
    beside.mkdir()
    tool = beside / "imagelabels"
    tool.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "for line in sys.stdin:\n    print(json.dumps({'path': line.strip(), 'labels': sys.argv[1:]}), flush=True)\n"
    )
    tool.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(beside / "python"))

    async def scene() -> None:
        detector = DetectorCommand(language="en")
        try:
            answer = await detector(picture)
        finally:
            await detector.stop()
        assert answer["labels"] == ["detect", "--stdin", "--format", "json", "--threshold", "0", "--language", "en"]

    asyncio.run(scene())


def test_the_emulated_cloud_knows_nothing_of_its_user_s_policy(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGELABELS_POLICY", "policy.toml")
    monkeypatch.setenv("IMAGELABELS_RECALL", "more")
    script = tmp_path / "detector.py"
    script.write_text(
        "import json, os, sys\n"
        "for line in sys.stdin:\n"
        "    names = [name for name in os.environ if name.startswith('IMAGELABELS_')]\n"
        "    print(json.dumps({'path': line.strip(), 'labels': sorted(names)}), flush=True)\n"
    )

    async def scene() -> None:
        detector = DetectorCommand([sys.executable, str(script)])
        try:
            answer = await detector(picture)
        finally:
            await detector.stop()
        assert answer["labels"] == ["IMAGELABELS_RECALL"]

    asyncio.run(scene())


def test_check_passes_a_command_that_labels_a_plain_png(tmp_path: Path) -> None:
    async def scene() -> None:
        async with detecting(program(tmp_path, ECHO)) as detector:
            await detector.check()
            assert os.listdir(tmp_path) == ["detect.py"]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sys.exit('the model file is missing')", "it last said:\n  the model file is missing"),
        (
            "import json\nfor line in sys.stdin:\n"
            "    print(json.dumps({'path': line.strip(), 'error': {'reason': 'forbidden'}}), flush=True)",
            "'reason': 'forbidden'",
        ),
    ],
)
def test_check_tells_why_a_command_cannot_work(tmp_path: Path, source: str, said: str) -> None:
    async def scene() -> None:
        async with detecting(program(tmp_path, source)) as detector:
            await detector.check()

    with pytest.raises(DetectorFailed) as caught:
        asyncio.run(scene())
    assert said in str(caught.value)


def test_check_hands_out_a_png_that_other_programs_can_read(tmp_path: Path) -> None:
    source = """
        import json
        from PIL import Image
        for line in sys.stdin:
            with Image.open(line.strip()) as image:
                image.load()
                print(json.dumps({"path": line.strip(), "labels": [image.format, image.size]}), flush=True)
        """

    async def scene() -> None:
        async with detecting(program(tmp_path, source)) as detector:
            await detector.check()

    asyncio.run(scene())
