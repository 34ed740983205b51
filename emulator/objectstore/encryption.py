"""Server-side encryption as far as clients see it: an object keeps and shows the headers that tell how it is encrypted.

Nothing is encrypted. The bytes lie in the data folder as they came, and no key management service is asked.
https://help.aliyun.com/en/oss/user-guide/server-side-encryption-8, https://cloud.tencent.com/document/product/436/18145.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid

SETTING = "encryption"
KMS = "KMS"
"""The name in a setting of encryption under a key of the key management service."""
DATA = ("SM4",)
# Unproven id-of-own-key: The id of the key that encrypts where a request asks for KMS and names no key.
# Why: every account has a key of its own, of which the pages show the form only.
# Ask: PUT an object with KMS as its encryption and no key: the header of the answer that names the key.
OWN_KEY = "00000000-0000-4000-8000-000000000000"
"""The key that the store has at the key management service for whoever names none."""


def kept(context: StoreContext, call: Call) -> dict[str, str]:
    """Return the headers of the encryption that the call asks for, or else that of its bucket."""
    rules = context.dialect.encryption
    algorithm, key = call.header(rules.algorithm), call.header(rules.key)
    data = call.header(rules.data) if rules.data else ""
    if algorithm and algorithm not in rules.values.values():
        message = f"{rules.algorithm} must be one of {', '.join(rules.values.values())}."
        raise Refusal(rules.unknown, message)
    if not algorithm:
        name, key, data = default(context, call.bucket)
        algorithm = rules.values.get(name, "")
    if not algorithm:
        return {}
    if algorithm != rules.values[KMS]:
        return {rules.algorithm: algorithm}
    if data and data not in DATA:
        raise invalid(rules.data, data, f"{rules.data} must be {DATA[0]}.")
    return {rules.algorithm: algorithm, rules.key: key or OWN_KEY} | ({rules.data: data} if data else {})


def shown(context: StoreContext, headers: Mapping[str, str]) -> dict[str, str]:
    """Return those of an object's or upload's headers that tell of its encryption."""
    rules = context.dialect.encryption
    return {name: headers[name] for name in (rules.algorithm, rules.key, rules.data) if name in headers}


def without(context: StoreContext, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that do not tell of encryption, since a copy is encrypted as its own request says."""
    told = shown(context, headers)
    return {name: value for name, value in headers.items() if name not in told}


def default(context: StoreContext, bucket: str) -> tuple[str, str, str]:
    """Return the algorithm, the key and the data algorithm of the bucket's setting, or empty texts."""
    rules = context.dialect.encryption
    document = context.store.settings.get(bucket, SETTING)
    if document is None:
        return "", "", ""
    tree = xml.parse(document.encode(), rules.root)
    names = ("SSEAlgorithm", "KMSMasterKeyID", "KMSDataEncryption")
    algorithm, key, data = (tree.findtext(f"{rules.element}/{name}") or "" for name in names)
    return algorithm, key, data


def setting(context: StoreContext, call: Call) -> str:
    """Return the setting that the headers of the creation of a bucket ask for, or an empty text if they have none.

    The vendor's own tests expect it of OSS.
    """
    rules, headers = context.dialect.encryption, kept(context, call)
    names = {name: element for element, name in rules.values.items()}
    if not call.header(rules.algorithm):
        return ""
    elements = [xml.text("SSEAlgorithm", names[headers[rules.algorithm]])]
    if call.header(rules.key):
        elements.append(xml.text("KMSMasterKeyID", headers[rules.key]))
    if rules.data in headers:
        elements.append(xml.text("KMSDataEncryption", headers[rules.data]))
    return xml.element(rules.root, xml.element(rules.element, *elements))


def check(context: StoreContext, call: Call, tree: Element) -> None:
    """Check the setting of a bucket. What is of no use without the key management service is left out.

    https://help.aliyun.com/en/oss/developer-reference/putbucketencryption has the codes of OSS.
    """
    rules = context.dialect.encryption
    chosen = tree.find(rules.element)
    algorithm = chosen.findtext("SSEAlgorithm") if chosen is not None else None
    if chosen is None or algorithm not in rules.values:
        raise Refusal(rules.unknown, f"SSEAlgorithm must be one of {', '.join(rules.values)}.")
    key = chosen.findtext("KMSMasterKeyID")
    if algorithm != KMS and key:
        raise invalid("KMSMasterKeyID", key, f"KMSMasterKeyID is only for the SSEAlgorithm {KMS}.")
    for name in ("KMSMasterKeyID", "KMSDataEncryption"):
        for element in chosen.findall(name):
            if algorithm != KMS or not element.text:
                chosen.remove(element)
    data = chosen.findtext("KMSDataEncryption")
    if data and data not in DATA:
        raise invalid("KMSDataEncryption", data, f"KMSDataEncryption must be {DATA[0]}.")
