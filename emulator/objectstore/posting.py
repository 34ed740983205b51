"""PostObject: an upload by an HTML form, whose policy and signature are fields of the form."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from emulator.core.refusal import Refusal
from emulator.objectstore import access, multipart_form, versioning, writing, xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.multipart_form import Form
from emulator.objectstore.pages import raw
from emulator.objectstore.post_policy import Policy
from emulator.objectstore.refusals import invalid, not_built
from emulator.objectstore.reply import Reply
from emulator.objectstore.stored import Stored
from emulator.objectstore.uploads import KEPT, LARGEST, too_large

FILENAME = "${filename}"
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
PLACE = re.compile("https?://[^/\x00-\x20]+[^\x00-\x20]*")


@dataclass(frozen=True, slots=True)
class FormRules:
    """How the forms of one vendor differ from those of another."""

    longest_field: int
    """Bytes."""
    modes: frozenset[str]
    """The modes of the conditions of a policy."""
    others: tuple[str, ...]
    """The beginnings of the names of fields that must be known, besides that of the vendor's headers."""
    known: Collection[str]
    """The vendor's own fields that are obeyed. Any other is refused by its name."""
    effective: Callable[[Call, Form], dict[str, str]]
    """Returns the fields that count, by the names of the headers of a plain upload."""
    no_key: str
    """The code of the refusal of a form without a key."""
    location: bool
    """If this is true, an answer without a document has the header Location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCall(Call):
    """An upload whose headers are fields of a form, and whose body is the file in the form."""

    content: AsyncIterator[bytes]

    def chunks(self) -> AsyncIterator[bytes]:
        return self.content


def is_form(call: Call, everywhere: Collection[str]) -> bool:
    """Tell whether the call is an upload by a form. Parameters of `everywhere` change nothing."""
    form = call.header("content-type").lower().startswith("multipart/form-data")
    named = any(name not in everywhere for name, _ in call.params)
    return form and call.method == "POST" and bool(call.bucket) and not call.key and not named


async def post(
    context: StoreContext, call: Call, rules: FormRules, policy_of: Callable[[Mapping[str, str]], Policy | None]
) -> Reply:
    """Store the file of a form.

    `policy_of` checks the signature in the fields and returns the policy, or None if the fields have no signature. The
    service checks no signature in the headers or in the URL.
    """
    form = await multipart_form.read(call, rules.longest_field)
    _check_names(context, rules, form.fields)
    policy = policy_of(form.fields)
    bucket, key = context.bucket(call), form.fields.get("key", "")
    effective = rules.effective(call, form)
    least, most = 0, LARGEST
    if policy is not None:
        # The values are compared as they are before ${filename} is replaced, which the page of OSS says.
        policy.check({**form.fields, **effective, "bucket": call.bucket}, context.signature_clock())
        least, most = policy.least, policy.most
    if not key:
        raise Refusal(rules.no_key, "The form has no field named key before its file.")
    key = key.replace(FILENAME, re.split(r"[/\\]", form.filename)[-1])
    context.dialect.keys.check(key)
    if policy is None and not access.writable(context, bucket, key):
        raise Refusal("AccessDenied")
    content = _measured(form.content, least, most)
    known = {field.name: getattr(call, field.name) for field in dataclasses.fields(Call)}
    upload = FormCall(**known | {"key": key, "headers": _headers(context, effective)}, content=content)
    new, _ = await writing.upload(context, upload, context.dialect.events.post)
    return _answer(context, upload, form.fields, rules, new)


def _check_names(context: StoreContext, rules: FormRules, fields: Mapping[str, str]) -> None:
    dialect = context.dialect
    for name in fields:
        vendors = name.startswith((dialect.headers, *rules.others)) and not name.startswith(dialect.metadata)
        if vendors and name not in rules.known:
            raise not_built(f"the form field {name}")


def _headers(context: StoreContext, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that are headers of an upload. One that cannot be sent in a header is refused."""
    headers = {k: v for k, v in fields.items() if k in KEPT or k.startswith(context.dialect.headers)}
    for name, value in headers.items():
        if CONTROL.search(value):
            raise invalid(name, "", f"The form field {name} has a control character.")
    return headers


async def _measured(content: AsyncIterator[bytes], least: int, most: int) -> AsyncIterator[bytes]:
    """Pass the bytes on. A file that is too small or too large for the policy is refused."""
    size = 0
    async for block in content:
        size += len(block)
        if size > LARGEST:
            raise too_large(size)
        if size > most:
            raise Refusal("EntityTooLarge", details={"MaxSizeAllowed": str(most), "ProposedSize": str(size)})
        yield block
    if size < least:
        raise Refusal("EntityTooSmall", details={"MinSizeAllowed": str(least), "ProposedSize": str(size)})


# Unproven redirect-of-form: OSS appends bucket, key and ETag to the address of success_action_redirect, as COS does.
# Why: no page of OSS says what it appends.
# Ask: POST a signed form with success_action_redirect: the header Location of the answer.
def _answer(context: StoreContext, call: Call, fields: Mapping[str, str], rules: FormRules, new: Stored) -> Reply:
    """Answer as success_action_redirect says, else as success_action_status does, else 204.

    COS appends bucket, key and ETag to the address of a redirect.
    """
    etag = f'"{new.etag}"'
    headers = {"ETag": etag} | versioning.header(context, new)
    location = f"{call.request.scheme}://{call.host}/{quote(raw(new.key))}"
    redirect, status = fields.get("success_action_redirect", ""), fields.get("success_action_status", "")
    if PLACE.fullmatch(redirect):
        place = quote(raw(redirect), safe="%/:?#[]@!$&'()*+,;=~")
        joined = "&" if "?" in redirect else "?"
        query = urlencode({"bucket": new.bucket, "key": new.key, "etag": etag})
        return Reply(303, headers | {"Location": f"{place}{joined}{query}"})
    if rules.location or status == "201":
        headers["Location"] = location
    if status == "201":
        facts = {"Location": location, "Bucket": new.bucket, "Key": new.key, "ETag": etag}
        body = xml.document("PostResponse", *(xml.text(name, xml.readable(value)) for name, value in facts.items()))
        return Reply(201, headers | {"Content-Type": "application/xml"}, body)
    return Reply(200 if status == "200" else 204, headers)
