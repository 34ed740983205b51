"""PostObject: https://cloud.tencent.com/document/product/436/14690."""

from __future__ import annotations

from emulator.objectstore import posting
from emulator.objectstore.call import Call
from emulator.objectstore.multipart_form import Form
from emulator.objectstore.posting import FormRules
from emulator.objectstore.reply import Reply
from emulator.tencent.cos.auth import TOKEN
from emulator.tencent.cos.context import CosContext
from emulator.tencent.cos.dialect import ACL


def effective(call: Call, form: Form) -> dict[str, str]:
    """Return the fields that count. COS does not heed the content type that a browser gives the file.

    The field acl stands for the header. A policy names the time of the signature q-sign-time, and the form q-key-time.
    """
    fields = dict(form.fields)
    if "acl" in fields:
        fields.setdefault(ACL, fields["acl"])
    if "q-key-time" in fields:
        fields.setdefault("q-sign-time", fields["q-key-time"])
    return fields


RULES = FormRules(
    # Unproven longest-form-field: A field of a form may have 20 KB.
    # Why: no page of COS gives a number.
    # Ask: POST a signed form with a field of 20,481 bytes: status and code.
    longest_field=20 * 1024,
    modes=frozenset({"eq", "starts-with"}),
    others=("x-ci-", "pic-operations", "x-amz-", "awsaccesskeyid", "signature"),
    known=frozenset(
        {ACL, TOKEN, "x-cos-forbid-overwrite", "x-cos-storage-class", "x-cos-tagging", "x-cos-traffic-limit"}
    ),
    effective=effective,
    # Unproven form-without-key: A form without the field key is refused with InvalidArgument.
    # Why: no page of COS has the code.
    # Ask: POST a signed form without the field key: status and code.
    no_key="InvalidArgument",
    location=True,
)


async def post(context: CosContext, call: Call) -> Reply:
    return await posting.post(context, call, RULES, lambda fields: context.gate.check_form(fields, RULES.modes))
