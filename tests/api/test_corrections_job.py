"""Corrections by the deployed functions for the HTTP API, whose tags and rows the emulated clouds keep."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from benchmarks.budget import DETECTOR
from demo.clouds import CosBucket, OssBucket
from demo.emulated import COS_BUCKET, COS_FUNCTION, HERE, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from tests.fakes import jpeg
from tests.ports import free_port

pytestmark = pytest.mark.story

CLOUDS = {"oss": OSS_FUNCTION, "cos": COS_FUNCTION}


class WithAlbums(DemoEmulator):
    """The emulator with functions for the HTTP API beside those that label. Only half of them take corrections."""

    def functions(self) -> list[dict[str, Any]]:
        labelling = super().functions()
        return labelling + [_album(one, corrections) for one in labelling for corrections in ("on", "off")]


def _album(labelling: dict[str, Any], corrections: str) -> dict[str, Any]:
    others = {name: value for name, value in labelling.items() if name != "trigger"}
    name = labelling["name"].replace("label", "album")
    environment = labelling["environment"] | {"IMAGELABELS_CORRECTIONS": corrections}
    others |= {"name": f"{name}_{corrections}", "code": str(HERE / "functions" / name), "http": {}}
    return others | {"environment": environment}


def asked(emulator: DemoEmulator, target: str, token: str, body: object = None) -> tuple[int, Any]:
    """Send a request to a function's address, and return the status and the document of the answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{emulator.address}/_functions/{target}", data, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_correction_over_http_would_not_reach_the_tags_and_the_row_or_would_though_it_is_switched_off(
    tmp_path: Path,
) -> None:
    port = free_port()
    with WithAlbums(port, tmp_path, "--detector", shlex.join([sys.executable, "-c", DETECTOR])) as emulator:
        assert emulator.ready()

        def token(*options: str) -> str:
            made = emulator.imagelabels("token", "create", "x", *options, stdout=subprocess.PIPE, text=True)
            return str(made.stdout.strip())

        writer, reader = token("--write"), token()
        buckets: dict[str, Any] = {"oss": OssBucket(OSS_BUCKET, port), "cos": CosBucket(COS_BUCKET, port)}
        for bucket in buckets.values():
            bucket.put("a.jpg", jpeg("a"))
        assert emulator.settle() == []
        for scheme, bucket in buckets.items():
            before = dict(bucket.tags("a.jpg"))
            assert before["label:cat"] == "mammal"
            name, other = CLOUDS[scheme].replace("label", "album"), {"oss": "cos", "cos": "oss"}[scheme]
            address = f"{name}_on/v1/pictures"
            _, page = asked(emulator, address, reader)
            ids = {one["uri"].partition(":")[0]: one["id"] for one in page["pictures"]}
            said, place = {"not": ["cat"], "add": ["dog"]}, f"v1/pictures/{ids[scheme]}/corrections"
            switched_off = asked(emulator, f"{name}_off/{place}", writer, said)
            read_only = asked(emulator, f"{name}_on/{place}", reader, said)
            assert [(status, answer["code"]) for status, answer in (switched_off, read_only)] == [
                (403, "switched_off"),
                (403, "read_only"),
            ]
            status, foreign = asked(emulator, f"{address}/{ids[other]}/corrections", writer, said)
            assert (status, foreign["code"], f"{scheme}:// only" in foreign["detail"]) == (400, "bad_correction", True)
            assert bucket.tags("a.jpg") == before
            status, corrected = asked(emulator, f"{name}_on/{place}", writer, said)
            assert (status, corrected.get("corrections")) == (200, said), corrected
            del before["label:cat"]
            assert bucket.tags("a.jpg") == before | {"label:dog": "mammal"}
            _, whole = asked(emulator, f"{address}/{ids[scheme]}", reader)
            assert {"dog", "cat"} & {label["id"] for label in whole["labels"]} == {"dog"}
            assert whole["history"][-1]["paid_calls"] == 0
            assert {"dog", "cat"} & {label["id"] for label in whole["explained"] if label["kept"]} == {"dog"}
            _, untold = asked(emulator, f"{name}_off/v1/pictures/{ids[scheme]}", reader)
            assert untold["explained"] is None
            again = f"v1/pictures/{ids[scheme]}/redrive"
            answers = [asked(emulator, f"{name}_{state}/{again}", writer, {}) for state in ("off", "on")]
            assert [answer["code"] for _, answer in answers] == ["switched_off", "not_still"]
            _, budget = asked(emulator, f"{name}_off/v1/budget", reader)
            assert {one["detector"]: one["calls_today"] for one in budget["detectors"]} == {"ci": 1, "imm": 1}
            bucket.close()
