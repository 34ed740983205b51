"""The one ACL that COS has here, which gives every permission to the owner: https://cloud.tencent.com/document/product/436/7744."""

from __future__ import annotations

from emulator.objectstore import xml
from emulator.tencent.cos.owner import IDENTITY, OWNER

_GRANTEE = (
    '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
    + xml.text("ID", IDENTITY)
    + xml.text("DisplayName", IDENTITY)
    + "</Grantee>"
)
PRIVATE = xml.document(
    "AccessControlPolicy",
    OWNER,
    xml.element("AccessControlList", xml.element("Grant", _GRANTEE, xml.text("Permission", "FULL_CONTROL"))),
)
