"""The settings of a bucket that OSS keeps as documents, and the small part of their rules that is checked here."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from emulator.aliyun.oss import hotlinks, lifecycle_checks, qos
from emulator.aliyun.oss.buckets import GROUP
from emulator.core.refusal import Refusal
from emulator.objectstore import access, encryption, inventory_notes, times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply
from emulator.objectstore.settings import Check, Setting, lower_case, rows, written

STYLE_NAME = re.compile("[A-Za-z0-9._-]{1,63}")
TLS = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
WEBSITE_FLAGS = (
    "EnableReplacePrefix",
    "MirrorCheckMd5",
    "MirrorFollowRedirect",
    "MirrorPassOriginalSlashes",
    "MirrorPassQueryString",
    "PassAll",
    "PassQueryString",
    "SupportSubDir",
)
PAYERS = ("BucketOwner", "Requester")


def _one_of(element: str, *values: str) -> Check:
    def check(context: StoreContext, call: Call, tree: Element) -> None:
        if "true" in values:
            lower_case(tree, element)
        if tree.findtext(element) not in values:
            raise Refusal("MalformedXML", f"{element} must be one of {', '.join(values)}.")

    return check


def _cors(context: StoreContext, call: Call, tree: Element) -> None:
    """https://help.aliyun.com/en/oss/developer-reference/putbucketcors."""
    if not 1 <= len(tree.findall("CORSRule")) <= 20:
        raise Refusal("MalformedXML", "There must be 1 to 20 elements CORSRule.")
    for rule in tree.findall("CORSRule"):
        age = rule.findtext("MaxAgeSeconds")
        if age is not None and not re.fullmatch("[0-9]{1,9}", age):
            raise invalid("MaxAgeSeconds", age, "MaxAgeSeconds must be 0 to 999999999.")
        if rule.find("AllowedOrigin") is None or rule.find("AllowedMethod") is None:
            raise Refusal("MalformedXML", "A rule needs AllowedOrigin and AllowedMethod.")
    if tree.find("ResponseVary") is None:
        SubElement(tree, "ResponseVary").text = "false"
    lower_case(tree, "AllowedHeader", "ResponseVary")


def _tls(context: StoreContext, call: Call, tree: Element) -> None:
    """https://help.aliyun.com/en/oss/developer-reference/putbuckethttpsconfig. A version named twice counts once."""
    tls = tree.find("TLS")
    if tls is None or tls.findtext("Enable") not in ("true", "false"):
        raise Refusal("MalformedXML", "Enable must be true or false.")
    named = tls.findall("TLSVersion")
    versions = [version.text or "" for version in named]
    if (tls.findtext("Enable") == "true" and not versions) or not set(versions) <= set(TLS):
        raise Refusal("MalformedXML", f"TLSVersion must be one of {', '.join(TLS)}.")
    for version in named:
        tls.remove(version)
    for text in dict.fromkeys(versions):
        SubElement(tls, "TLSVersion").text = text


def _group(context: StoreContext, call: Call, tree: Element) -> None:
    if tree.findtext("ResourceGroupId") not in ("", GROUP):
        raise Refusal("ResourceGroupIdPreCheckError", f"The only resource group of the emulator is {GROUP}.")
    for empty in tree.findall("ResourceGroupId"):
        empty.text = GROUP  # A bucket without a group of its own is in the default one.


def _style(context: StoreContext, call: Call, tree: Element) -> None:
    """https://help.aliyun.com/en/oss/developer-reference/putstyle. Add what GetStyle tells beside the content."""
    name = call.query.get("styleName", "")
    if not STYLE_NAME.fullmatch(name):
        raise invalid("styleName", name, "A style's name has 1 to 63 letters, digits, hyphens, dots and underscores.")
    if not tree.findtext("Content"):
        raise Refusal("InvalidArgument", "Style content is invalid.")
    SubElement(tree, "Name").text = name
    SubElement(tree, "Category").text = call.query.get("category") or "image"
    for element in ("CreateTime", "LastModifyTime"):
        SubElement(tree, element).text = times.http(int(context.clock()))


def _inventory(context: StoreContext, call: Call, tree: Element) -> None:
    """https://help.aliyun.com/en/oss/developer-reference/putbucketinventory. Note that it has come."""
    if not tree.findtext("Id") or tree.findtext("Id") != call.query.get("inventoryId"):
        raise Refusal("InvalidArgument", "inventoryId must be the Id in the document.")
    lower_case(tree, "IsEnabled")
    inventory_notes.begun(context, call.bucket, call.query["inventoryId"])


def _website(context: StoreContext, call: Call, tree: Element) -> None:
    """Check it. A mirror's MirrorPassQueryString stands for PassQueryString too, as the vendor's tests have it."""
    if not len(tree):
        raise Refusal("MalformedXML", "A website needs an index page, an error page or rules.")
    lower_case(tree, *WEBSITE_FLAGS)
    for redirect in tree.iter("Redirect"):
        mirrored = redirect.findtext("MirrorPassQueryString")
        if redirect.findtext("RedirectType") == "Mirror" and mirrored is not None:
            for flag in redirect.findall("PassQueryString"):
                redirect.remove(flag)
            SubElement(redirect, "PassQueryString").text = mirrored


def _retention(context: StoreContext, call: Call, tree: Element) -> None:
    """Check the setting: https://www.alibabacloud.com/help/en/oss/user-guide/object-level-retention-policy-object-worm.

    At the service the rule retains every new object. Here it retains none.
    """
    if context.bucket(call).versioning != "Enabled":
        raise Refusal("InvalidArgument", "The objects of a bucket that keeps no versions cannot be retained.")
    if tree.findtext("ObjectWormEnabled") != "Enabled":
        raise Refusal("MalformedXML", "ObjectWormEnabled must be Enabled.")
    mode = tree.findtext("Rule/DefaultRetention/Mode")
    if tree.find("Rule") is not None and mode not in ("GOVERNANCE", "COMPLIANCE"):
        raise Refusal("MalformedXML", "Mode must be GOVERNANCE or COMPLIANCE.")


def _overwriting(context: StoreContext, call: Call, tree: Element) -> None:
    """https://help.aliyun.com/en/oss/developer-reference/putbucketoverwriteconfig. All may overwrite anyway."""
    rules = tree.findall("Rule")
    if not 1 <= len(rules) <= 100 or any(rule.findtext("Action") != "forbid" for rule in rules):
        raise Refusal("MalformedXML", "There must be 1 to 100 elements Rule, whose Action is forbid.")


BLOCK = Setting(
    access.BLOCK,
    "PublicAccessBlockConfiguration",
    unset=xml.text("BlockPublicAccess", "false"),
    check=_one_of("BlockPublicAccess", "true", "false"),
)
"""A bucket has this setting, and the account has it for all buckets."""
# Unproven codes-of-oss-settings: What is not set answers NoSuchInventory, NoSuchStyle or
#   NoSuchTransferAccelerationConfiguration, and the checks of documents refuse with these messages.
# Why: the pages of the settings list few codes, and no messages.
# Ask: of a new bucket, GET ?inventory&inventoryId=a, ?style&styleName=a, ?transferAcceleration and ?policy: status and
#   code of each.
SETTINGS = (
    Setting(
        "accessmonitor",
        "AccessMonitorConfiguration",
        unset=xml.text("Status", "Disabled"),
        check=_one_of("Status", "Enabled", "Disabled"),
        removable=False,
    ),
    Setting(
        "bucketArchiveDirectRead",
        "ArchiveDirectReadConfiguration",
        unset=xml.text("Enabled", "false"),
        check=_one_of("Enabled", "true", "false"),
        removable=False,
    ),
    Setting("cors", "CORSConfiguration", "NoSuchCORSConfiguration", check=_cors),
    Setting(encryption.SETTING, "ServerSideEncryptionRule", "NoSuchServerSideEncryptionRule", check=encryption.check),
    Setting(
        "httpsConfig",
        "HttpsConfiguration",
        unset=xml.element("TLS", xml.text("Enable", "false")),
        check=_tls,
        removable=False,
    ),
    Setting(
        "inventory",
        "InventoryConfiguration",
        "NoSuchInventory",
        check=_inventory,
        number="inventoryId",
        all="ListInventoryConfigurationsResult",
    ),
    Setting("lifecycle", "LifecycleConfiguration", "NoSuchLifecycle", check=lifecycle_checks.check),
    Setting("logging", "BucketLoggingStatus"),
    Setting(
        "objectWorm", "ObjectWormConfiguration", "NoSuchObjectWormConfiguration", check=_retention, removable=False
    ),
    Setting("overwriteConfig", "OverwriteConfiguration", "NoSuchOverwriteConfig", check=_overwriting),
    Setting("policy", "", "NoSuchBucketPolicy"),
    BLOCK,
    Setting(
        "referer",
        "RefererConfiguration",
        unset=xml.text("AllowEmptyReferer", "true") + xml.element("RefererList"),
        check=hotlinks.check_setting,
        removable=False,
    ),
    Setting(
        "requestPayment",
        "RequestPaymentConfiguration",
        unset=xml.text("Payer", "BucketOwner"),
        check=_one_of("Payer", *PAYERS),
        removable=False,
    ),
    Setting(
        "resourceGroup",
        "BucketResourceGroupConfiguration",
        unset=xml.text("ResourceGroupId", GROUP),
        check=_group,
        removable=False,
    ),
    Setting(
        "style",
        "Style",
        "NoSuchStyle",
        check=_style,
        number="styleName",
        all="StyleList",
        others=frozenset({"category"}),
    ),
    Setting("tagging", "Tagging", unset=xml.element("TagSet")),
    Setting(
        "transferAcceleration",
        "TransferAccelerationConfiguration",
        "NoSuchTransferAccelerationConfiguration",
        check=_one_of("Enabled", "true", "false"),
        removable=False,
    ),
    Setting("userDefinedLogFieldsConfig", "UserDefinedLogFieldsConfiguration", "NoSuchUserDefinedLogFieldsConfig"),
    Setting("website", "WebsiteConfiguration", "NoSuchWebsiteConfiguration", check=_website),
)


async def remove_tags(context: StoreContext, call: Call) -> Reply:
    """Remove all tags of a bucket, or those whose keys the request names with commas between them.

    https://help.aliyun.com/en/oss/developer-reference/deletebuckettags.
    """
    keys = call.query["tagging"].split(",") if call.query["tagging"] else []
    kept = context.store.settings.get(call.bucket, "tagging")
    if keys and kept:
        tree = xml.parse(kept.encode(), "Tagging")
        for tag_set in tree.findall("TagSet"):
            for tag in [tag for tag in tag_set.findall("Tag") if tag.findtext("Key") in keys]:
                tag_set.remove(tag)
        context.store.settings.put(call.bucket, "tagging", "", written(tree))
    else:
        context.store.settings.remove(call.bucket, "tagging")
    return Reply(204)


ROWS = rows((*SETTINGS, *qos.SETTINGS))
