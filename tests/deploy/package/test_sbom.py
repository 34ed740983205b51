"""Bills of materials can be compared: they say what is in an archive and nothing of when or where it was made."""

from __future__ import annotations

import json
from typing import Any

from imagelabels.deploy.package import sbom


def bill(*names: str) -> dict[str, Any]:
    libraries = [sbom.library(name, "1.0", "1" * 64, "MIT") for name in names]
    parsed: dict[str, Any] = json.loads(sbom.bill(sbom.ours("layer.zip", "2" * 64), libraries))
    return parsed


def test_a_bill_has_no_time_and_no_random_number() -> None:
    text = json.dumps(bill("oss2", "crcmod"))
    assert "timestamp" not in text
    assert "serialNumber" not in text
    assert bill("oss2", "crcmod") == bill("crcmod", "oss2")


def test_a_bill_names_each_distribution_with_the_hash_of_the_file_that_was_fetched() -> None:
    (oss2,) = bill("oss2")["components"]
    assert oss2["purl"] == "pkg:pypi/oss2@1.0"
    assert oss2["hashes"] == [{"alg": "SHA-256", "content": "1" * 64}]
    assert oss2["licenses"] == [{"license": {"id": "MIT"}}]
    assert bill("oss2")["metadata"]["component"]["hashes"][0]["content"] == "2" * 64


def test_a_licence_in_other_words_than_spdx_is_kept_as_it_is_and_none_is_no_error() -> None:
    named = sbom.library("a", "1", "1" * 64, "Do what you like")
    assert [str(licence.name) for licence in named.licenses] == ["Do what you like"]
    assert not sbom.library("a", "1", None, "").licenses
