"""ACLs in the long form that COS writes and reads: https://cloud.tencent.com/document/product/436/7744."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.access import PRIVATE
from emulator.tencent.cos.owner import IDENTITY, OWNER

EVERYBODY = "http://cam.qcloud.com/groups/global/AllUsers"
ANYONE = "qcs::cam::anyone:anyone"
"""The vendor's command-line tool writes everybody as an account with this id, which policies use for the same."""


def document(acl: str) -> bytes:
    """Return the document for an ACL in its short form, in which the owner has every permission."""
    others = {"public-read": ["READ"], "public-read-write": ["READ", "WRITE"]}.get(acl, [])
    owner = _grantee("CanonicalUser", xml.text("ID", IDENTITY), xml.text("DisplayName", IDENTITY))
    everybody = _grantee("Group", xml.text("URI", EVERYBODY))
    grants = [_grant(owner, "FULL_CONTROL"), *(_grant(everybody, permission) for permission in others)]
    return xml.document("AccessControlPolicy", OWNER, xml.element("AccessControlList", *grants))


def short(tree: Element) -> str:
    """Return the short form of the ACL in a document. Grants to anybody but the owner and everybody are refused."""
    permissions = set()
    for grant in tree.iterfind("AccessControlList/Grant"):
        grantee = grant.find("Grantee")
        if grantee is None:
            raise Refusal("MalformedXML")
        if grantee.findtext("URI") == EVERYBODY or grantee.findtext("ID") == ANYONE:
            permissions.add(grant.findtext("Permission") or "")
        elif grantee.findtext("ID") != IDENTITY:
            raise Refusal("InvalidArgument", "The emulator knows no other account to give permissions to.")
    if permissions >= {"READ", "WRITE"} or "FULL_CONTROL" in permissions:
        return "public-read-write"
    if permissions - {"READ"}:
        raise Refusal("NotImplemented", "The emulator does not have this permission for everybody alone.")
    return "public-read" if permissions else PRIVATE


def _grantee(kind: str, *elements: str) -> str:
    schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f'<Grantee {schema} xsi:type="{kind}">{"".join(elements)}</Grantee>'


def _grant(grantee: str, permission: str) -> str:
    return xml.element("Grant", grantee, xml.text("Permission", permission))
