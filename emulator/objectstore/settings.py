"""Settings of a bucket that are kept and given back as documents, so that scripts which set up a bucket can run.

A document is checked for what the vendor refuses at once. Most have no effect on any other operation. Those that do are
encryption, the lifecycle, the referers, the block of public access, tags of buckets, and for another account policies
and who pays.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from emulator.core.http_request import read_body
from emulator.core.refusal import Refusal
from emulator.objectstore import xml
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import invalid
from emulator.objectstore.reply import Reply, document

MOST_DEPTH = 16
"""A document may have so many elements around one another. No vendor's form of a document has as many."""
PAGE = 100
"""A listing has so many documents at most."""
MAX_POLICY = 16 * 1024
"""A policy may have so many bytes: https://help.aliyun.com/en/oss/user-guide/bucket-policy and, for COS, 20 KB."""

Operate = Callable[[StoreContext, Call], Awaitable[Reply]]
Check = Callable[[StoreContext, Call, Element], None]
Row = tuple[str, str, Operate, frozenset[str]]
"""The method, the subresource, the operation and the parameters that the operation knows."""


def _unchecked(context: StoreContext, call: Call, tree: Element) -> None:
    """Take any document."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of document that a bucket has once, or once for each id, which the parameter `id_parameter` names."""

    name: str
    """The subresource."""
    root: str
    """The root element. It is empty for a policy, which is JSON."""
    missing: str = ""
    """The code of the refusal if the bucket has no such document. Without it `unset` is answered."""
    unset: str = ""
    """The content of the root element if the bucket has no such document."""
    check: Check = _unchecked
    """Raises the Refusal of a document that the vendor does not take, and adds to it what the vendor adds."""
    id_parameter: str = ""
    all: str = ""
    """The root element of a listing of the documents."""
    removable: bool = True
    others: frozenset[str] = frozenset()
    """More parameters of a PUT, which `check` heeds."""
    empty_removes: bool = False
    """If this is true, a PUT without a body removes the document."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the operations on this setting."""
        known = frozenset({self.id_parameter} - {""})
        yield "PUT", self.name, self.put, known | self.others
        yield "GET", self.name, self.get, known | ({"continuation-token"} if self.all else set())
        if self.removable:
            yield "DELETE", self.name, self.remove, known

    async def put(self, context: StoreContext, call: Call) -> Reply:
        self._exists(context, call)
        if self.empty_removes and call.header("content-length") == "0":
            context.store.settings.remove(call.bucket, self.name)
            return Reply(200)
        if self.root:
            tree = await call.document(self.root)
            self.check(context, call, tree)
            kept = written(tree)
        else:
            kept = await _policy(call)
        context.store.settings.put(call.bucket, self.name, self._document_id(call), kept)
        return Reply(200)

    async def get(self, context: StoreContext, call: Call) -> Reply:
        self._exists(context, call)
        if self.all and not self._document_id(call):
            return self._listing(context, call)
        kept = context.store.settings.get(call.bucket, self.name, self._document_id(call))
        if kept is None and self.missing:
            raise Refusal(self.missing, details={"BucketName": call.bucket})
        if not self.root:
            return Reply(200, {"Content-Type": "application/json"}, (kept or "").encode())
        return document(xml.HEAD + (kept or xml.element(self.root, self.unset)).encode())

    async def remove(self, context: StoreContext, call: Call) -> Reply:
        """Remove the document. To remove one that is not there is no error."""
        self._exists(context, call)
        context.store.settings.remove(call.bucket, self.name, self._document_id(call))
        return Reply(204)

    def _exists(self, context: StoreContext, call: Call) -> None:
        """Refuse a bucket that does not exist. A setting of the account is kept under no bucket's name."""
        if call.bucket:
            context.bucket(call)

    def _document_id(self, call: Call) -> str:
        return call.query.get(self.id_parameter, "") if self.id_parameter else ""

    def _listing(self, context: StoreContext, call: Call) -> Reply:
        token = call.query.get("continuation-token") or "0"
        if not token.isascii() or not token.isdigit() or len(token) > 18:
            raise invalid("continuation-token", token, "The token is not one that a listing gave.")
        documents = context.store.settings.page(call.bucket, self.name, int(token), PAGE + 1)
        if not documents and self.missing:
            raise Refusal(self.missing, details={"BucketName": call.bucket})
        shown, more = documents[:PAGE], len(documents) > PAGE
        rest = [xml.text("IsTruncated", str(more).lower())]
        if token != "0":
            rest.append(xml.text("ContinuationToken", token))
        if more:
            rest.append(xml.text("NextContinuationToken", str(shown[-1][0])))
        return document(xml.document(self.all, *(kept for _, kept in shown), *rest))


def rows(settings: Sequence[Setting]) -> list[Row]:
    return [row for setting in settings for row in setting.rows()]


def written(tree: Element, depth: int = MOST_DEPTH) -> str:
    """Return the element as XML, without its attributes. A Refusal if no parser could read it back."""
    value = (tree.text or "").strip() if len(tree) else tree.text or ""
    if not depth or not xml.writable(value):
        raise Refusal("MalformedXML")
    if len(tree):
        return xml.element(tree.tag, *(written(child, depth - 1) for child in tree))
    return xml.text(tree.tag, value)


def tagged(context: StoreContext, bucket: str, key: str, value: str | None) -> bool:
    """Tell whether the bucket has this tag, with whatever value if none is named."""
    kept = context.store.settings.get(bucket, "tagging")
    tags = xml.parse(kept.encode(), "Tagging").findall("TagSet/Tag") if kept else []
    return any(tag.findtext("Key") == key and value in (None, tag.findtext("Value") or "") for tag in tags)


def lower_case(tree: Element, *names: str) -> None:
    """Write the texts of the elements of these names in lower case, as the vendors give truth values back."""
    for name in names:
        for element in tree.iter(name):
            element.text = (element.text or "").lower()


async def _policy(call: Call) -> str:
    """Return the body, which must be a JSON object: https://help.aliyun.com/en/oss/user-guide/0030-00000005."""
    body = await read_body(call.request, MAX_POLICY, Refusal("EntityTooLarge"), Refusal("IncompleteBody"))
    try:
        text = body.decode()
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal("InvalidPolicyDocument", "The policy is not JSON in UTF-8.") from error
    if not isinstance(policy, dict):
        raise Refusal("InvalidPolicyDocument", "The policy is no JSON object.")
    for names, kind, form in ((("Version", "version"), str, "text"), (("Statement", "statement"), list, "list")):
        for name in names:
            if name in policy and not isinstance(policy[name], kind):
                raise Refusal("InvalidPolicyDocument", f"{name} in the policy is no {form}.")
    return text
