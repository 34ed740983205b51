"""Bills of materials: what an archive holds, as CycloneDX JSON without a time and without a random number."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot5
from packageurl import PackageURL

from imagelabels import __version__


def ours(name: str, archive_sha256: str) -> Component:
    """The archive itself."""
    return Component(
        name=name,
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref=name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=archive_sha256)],
    )


def library(name: str, version: str, sha256: str | None, licence: str) -> Component:
    """A distribution; `sha256` is the hash of the wheel, or of the sources, that was fetched, if it was."""
    purl = PackageURL("pypi", name=name, version=version)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)] if sha256 else (),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else (),
    )


def bill(about: Component, libraries: Sequence[Component]) -> bytes:
    """The text of the bill. It depends on its arguments alone."""
    bom = Bom(components=libraries)
    bom.metadata = BomMetaData(component=about)
    bom.register_dependency(about, libraries)
    written = json.loads(JsonV1Dot5(bom).output_as_string())
    del written["serialNumber"], written["metadata"]["timestamp"]
    return (json.dumps(written, indent=1, ensure_ascii=False) + "\n").encode()
