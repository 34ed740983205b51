"""Domains of a user's own for a bucket: a token to prove who owns one is made and told.

Nobody can prove it here, where no DNS is asked. So no domain is ever bound, as at the service without the proof.
https://help.aliyun.com/en/oss/developer-reference/createcnametoken and the pages beside it.
"""

from __future__ import annotations

import re
import secrets

from emulator.aliyun.account import ACCOUNT
from emulator.core.refusal import Refusal
from emulator.objectstore import times, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document

SETTING = "cnameToken"
DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}", re.IGNORECASE)
LASTS = 3 * 86400
"""A token can be used for so many seconds."""


async def change(context: StoreContext, call: Call) -> Reply:
    """Make a token, bind a domain or let it go, as the parameter comp says."""
    context.bucket(call)
    comp = call.query.get("comp", "")
    if comp not in ("token", "add", "delete"):
        raise invalid("comp", comp, "comp must be token, add or delete.")
    tree = await call.document("BucketCnameConfiguration")
    domain = tree.findtext("Cname/Domain") or ""
    if not DOMAIN.fullmatch(domain):
        raise invalid("Domain", domain, "Domain must be the name of a domain.")
    if comp == "add":
        raise Refusal("NeedVerifyDomainOwnership")
    if comp == "delete":
        return Reply(200)
    until = times.iso(context.clock() + LASTS)
    facts = {"Bucket": call.bucket, "Cname": domain, "Token": secrets.token_hex(16), "ExpireTime": until}
    kept = xml.element("CnameToken", *(xml.text(name, value) for name, value in facts.items()))
    context.store.settings.put(call.bucket, SETTING, domain, kept)
    return document(xml.HEAD + kept.encode())


async def get(context: StoreContext, call: Call) -> Reply:
    """Tell the token of a domain, or with nothing asked for the domains that are bound, which are none."""
    context.bucket(call)
    if call.query.get("comp", "") != "token":
        owner = xml.text("Owner", ACCOUNT)
        return document(xml.document("ListCnameResult", xml.text("Bucket", call.bucket), owner))
    kept = context.store.settings.get(call.bucket, SETTING, call.query["cname"])
    if kept is None:
        raise Refusal("NoSuchCnameToken")
    return document(xml.HEAD + kept.encode())
