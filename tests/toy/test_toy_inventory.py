"""An inventory of a cloud that no line of the product names is read as every other one."""

from __future__ import annotations

import pytest

from imagelabels import clouds
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.inventory import DataFile
from imagelabels.domain.model import ObjectRef
from tests.toy import cloud

MANIFEST = b"""{"sourceBucket": "attic", "destinationBucket": "attic", "fileFormat": "CSV",
"fileSchema": "Key, Size, Colour",
"files": [{"key": "a.csv.gz", "size": 3, "MD5checksum": "00000000000000000000000000000000"}]}
"""


def test_an_inventory_of_a_new_cloud_is_read_without_an_edit_elsewhere() -> None:
    with clouds.registered([cloud.PROVIDER]):
        dialect = clouds.inventory_of("toy")
    manifest = dialect.parse(MANIFEST)
    assert manifest.files == (DataFile("a.csv.gz", 3, "0" * 32),)
    (listed,) = dialect.rows(manifest, [b"teddy%20bear,7,brown\n"])
    assert listed is not None
    assert (listed.ref, listed.size) == (ObjectRef("toy", "attic", "teddy bear"), 7)


def test_a_store_without_inventories_says_so() -> None:
    with pytest.raises(Misconfigured, match="no inventory of file://"):
        clouds.inventory_of("file")
