"""PostObject: https://help.aliyun.com/en/oss/developer-reference/postobject."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.aliyun.oss import permissions
from emulator.aliyun.oss.auth import FORM_FIELDS, OssGate
from emulator.aliyun.oss.dialect import ACL
from emulator.objectstore import posting
from emulator.objectstore.call import Call
from emulator.objectstore.context import StoreContext
from emulator.objectstore.multipart_form import Form
from emulator.objectstore.post_policy import MODES, Policy
from emulator.objectstore.posting import FormRules
from emulator.objectstore.reply import Reply

TYPE = "x-oss-content-type"


def effective(call: Call, form: Form) -> dict[str, str]:
    """Return the fields that count.

    The content type is that of x-oss-content-type, else that of the file, else that of the field Content-Type. The ACL
    may be in a header of the request too.
    """
    fields = dict(form.fields)
    kind = fields.pop(TYPE, "") or form.file_type or fields.get("content-type", "")
    header = call.header(ACL)
    return ({ACL: header} if header else {}) | fields | ({"content-type": kind} if kind else {})


RULES = FormRules(
    # https://help.aliyun.com/en/oss/user-guide/postobject: no field but the file may have more than 4 KB.
    longest_field=4096,
    modes=MODES,
    others=("callback", "x-amz-", "awsaccesskeyid"),
    known=frozenset(
        {
            *(name for name in FORM_FIELDS if name.startswith("x-oss-")),
            TYPE,
            ACL,
            "x-oss-forbid-overwrite",
            "x-oss-security-token",
            "x-oss-server-side-encryption",
            "x-oss-server-side-encryption-key-id",
            "x-oss-storage-class",
            # A page says that PostObject does not take this header. None says whether a form may have the field.
            "x-oss-tagging",
        }
    ),
    effective=effective,
    no_key="IncorrectNumberOfFilesInPOSTRequest",
    location=False,
)


async def post(context: StoreContext, call: Call, gate: OssGate) -> Reply:
    def policy_of(fields: Mapping[str, str]) -> Policy | None:
        policy = gate.check_form(fields, RULES.modes)
        if policy is None:
            permissions.check_anonymous(context, call)
        return policy

    return await posting.post(context, call, RULES, policy_of)
