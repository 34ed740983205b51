"""docs/api.md: its examples are run as they stand there, and its tables are those of the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.serving import ENVIRON, ROOT, filled, get, served
from tests.api.world import Site

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
(CLIENT,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.story
def test_every_command_of_the_page_works_as_it_stands_there(tmp_path: Path) -> None:
    filled(tmp_path / "photos.db")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "imagelabels").write_text(f'#!/bin/sh\nexec {sys.executable} -m imagelabels "$@"\n')
    (programs / "imagelabels").chmod(0o755)
    environ = {**ENVIRON, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    lines = [line for block in BLOCKS for line in block.splitlines()]
    assert lines[0].startswith("imagelabels serve")
    with served(f"sqlite:///{tmp_path}/photos.db") as (_, port):
        curls = "\n".join(lines[1:]).replace(":8080", f":{port}").replace("curl ", "curl --fail -sS -w '\\n' ")
        ended = subprocess.run(["bash", "-ec", curls], cwd=tmp_path, env=environ, capture_output=True, text=True)
        assert (ended.returncode, len(lines)) == (0, 14), ended.stderr
        answers = ended.stdout
        make = [
            sys.executable,
            "-m",
            "imagelabels",
            "token",
            "create",
            "client",
            "--index",
            f"sqlite:///{tmp_path}/photos.db",
        ]
        token = subprocess.run(make, env=environ, capture_output=True, text=True, check=True).stdout.strip()
        client = CLIENT.replace(":8080", f":{port}").replace('"..."', f'"{token}"')
        told = subprocess.run([sys.executable, "-c", client], capture_output=True, text=True)
        assert (told.returncode, told.stderr) == (0, "")
        found = [line.partition("\t")[0] for line in told.stdout.splitlines()]
        assert found[:3] == [picture["uri"] for picture in json.loads(answers.splitlines()[0])["pictures"]]
        assert get(port, "/v1/pictures").status == 401
    assert '"title":"Dogs"' in answers
    first = json.loads(answers.splitlines()[0])
    assert len(first["pictures"]) == 3


def test_the_page_lists_every_address_and_no_other() -> None:
    documented = set(re.findall(r"(/v1/[a-z/{}]*[a-z}])", re.sub(r"`\w+ http.*?`", "", PAGE)))
    there = set(Site().get("/openapi.json").json["paths"])
    named = {re.sub(r"{picture}", "{id}", path).replace("{album}", "{id}") for path in there}
    assert {path.replace("pins/{picture}", "pins/{id}") for path in documented} == named


def test_the_page_explains_every_code_of_a_problem() -> None:
    sources = [*(ROOT / "shared/imagelabels/api").rglob("*.py")]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    codes = set(re.findall(r'Problem\(\d+, "(\w+)"', text)) | set(re.findall(r'understood\("(\w+)"\)', text))
    explained = set(re.findall(r"`(\w+)`", "".join(line for line in PAGE.splitlines() if re.match(r"\| \d{3}", line))))
    assert codes - {"fault"} <= explained
