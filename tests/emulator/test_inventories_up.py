"""The emulator that a person starts writes inventories by its control path, and when its clock is moved."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.emulator.test_main import up

CONFIGURATION = """<InventoryConfiguration><Id>daily</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>Current
</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields><Schedule><Frequency>Daily</Frequency>
</Schedule><Destination><OSSBucketDestination><Format>CSV</Format><Bucket>acs:oss:::photos</Bucket>
<Prefix>out</Prefix></OSSBucketDestination></Destination></InventoryConfiguration>""".replace("\n", "")


def test_an_inventory_is_written_on_request_and_at_midnight(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(tmp_path), "--bucket", "photos"]
    with up(command) as emulator, emulator.bucket() as bucket:
        bucket.put_object("a.jpg", b"x")
        bucket._do("PUT", "photos", "", data=CONFIGURATION, params={"inventory": "", "inventoryId": "daily"})
        asked = json.dumps({"store": "oss", "bucket": "photos", "id": "daily"}).encode()
        told = emulator.control("inventories", asked)
        assert told["rows"] == 1
        assert bucket.object_exists(told["manifest"].removeprefix("oss://photos/"))
        done = emulator.control("clock", b'{"days": 1}')["done"]
        assert (done["oss inventories"], done["cos inventories"]) == ({"written": 1}, {"written": 0})
