"""The settings of a bucket that COS keeps as documents, and the small part of their rules that is checked here."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from emulator.core.refusal import Refusal
from emulator.objectstore import encryption, inventory_notes
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.settings import Setting, rows
from emulator.tencent.cos import hotlinks, lifecycle


def _cors(context: StoreContext, call: Call, tree: Element) -> None:
    """https://cloud.tencent.com/document/product/436/8279."""
    rules = tree.findall("CORSRule")
    if not 1 <= len(rules) <= 100 or any(rule.find("AllowedOrigin") is None for rule in rules):
        raise Refusal("MalformedXML", "There must be 1 to 100 elements CORSRule with an AllowedOrigin each.")


def _website(context: StoreContext, call: Call, tree: Element) -> None:
    """https://cloud.tencent.com/document/product/436/31930. The vendor's own test reads URLRedirect back."""
    if not tree.findtext("IndexDocument/Suffix"):
        raise Refusal("MalformedXML", "IndexDocument needs a Suffix.")
    for redirect in tree.iterfind("RoutingRules/RoutingRule/Redirect"):
        if redirect.find("URLRedirect") is None:
            SubElement(redirect, "URLRedirect").text = "Enabled"


def _tagging(context: StoreContext, call: Call, tree: Element) -> None:
    """https://cloud.tencent.com/document/product/436/34838."""
    found = tree.findall("TagSet/Tag")
    if not found or len(found) > 50 or len({tag.findtext("Key") for tag in found}) < len(found):
        raise Refusal("InvalidTag", "A bucket has 1 to 50 tags with keys of their own.")


def _inventory(context: StoreContext, call: Call, tree: Element) -> None:
    """https://cloud.tencent.com/document/product/436/33707. Note that it has come."""
    if not tree.findtext("Id") or tree.findtext("Id") != call.query.get("id"):
        raise Refusal("InvalidArgument", "The parameter id must be the Id in the document.")
    inventory_notes.begun(context, call.bucket, call.query["id"])


def _encryption(context: StoreContext, call: Call, tree: Element) -> None:
    """https://cloud.tencent.com/document/product/436/33459.

    The example of the vendor's SDK for Python has another name for the element, and reads the page's name back.
    """
    for rule in tree.iterfind("Rule/ApplySideEncryptionConfiguration"):
        rule.tag = "ApplyServerSideEncryptionByDefault"
    encryption.check(context, call, tree)


def _tiering(context: StoreContext, call: Call, tree: Element) -> None:
    """https://www.tencentcloud.com/ind/document/product/436/38314. No object moves by it.

    A rule with an id, which is the newer form, is Disabled where the older setting is Suspended.
    """
    off = "Disabled" if "id" in call.query else "Suspended"
    if tree.findtext("Status") not in ("Enabled", off):
        raise Refusal("MalformedXML", f"Status must be Enabled or {off}.")
    if "id" in call.query and tree.findtext("Id") != call.query["id"]:
        raise Refusal("InvalidArgument", "The parameter id must be the Id in the document.")


# Unproven codes-of-cos-settings: What is not set answers NoSuchConfiguration or NoSuchBucketPolicy, and the checks of
#   documents refuse with MalformedXML, InvalidTag or InvalidArgument.
# Why: the pages of the settings refer to the list of codes, and do not tell which comes when.
# Ask: of a new bucket, GET ?inventory&id=a, ?policy, ?tagging and ?lifecycle: status and code of each.
SETTINGS = (
    Setting("cors", "CORSConfiguration", "NoSuchCORSConfiguration", check=_cors),
    Setting(
        encryption.SETTING, "ServerSideEncryptionConfiguration", "NoSuchEncryptionConfiguration", check=_encryption
    ),
    Setting(
        "inventory",
        "InventoryConfiguration",
        "NoSuchConfiguration",
        check=_inventory,
        number="id",
        all="ListInventoryConfigurationResult",
    ),
    Setting("intelligenttiering", "IntelligentTieringConfiguration", check=_tiering, removable=False),
    Setting(
        "intelligent-tiering",
        "IntelligentTieringConfiguration",
        "NoSuchConfiguration",
        check=_tiering,
        number="id",
        all="ListBucketIntelligentTieringConfigurationsOutput",
    ),
    Setting("lifecycle", "LifecycleConfiguration", "NoSuchLifecycleConfiguration", check=lifecycle.check),
    Setting("logging", "BucketLoggingStatus", removable=False),
    Setting("policy", "", "NoSuchBucketPolicy"),
    Setting("referer", "RefererConfiguration", check=hotlinks.check_setting, removable=False, empty_removes=True),
    Setting("tagging", "Tagging", "NoSuchTagSet", check=_tagging),
    Setting("website", "WebsiteConfiguration", "NoSuchWebsiteConfiguration", check=_website),
)
ROWS = rows(SETTINGS)
