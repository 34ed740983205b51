"""Writes the answers of HTTP triggers.

The statuses and the values of X-Fc-Error-Type are those of https://www.alibabacloud.com/help/doc-detail/85445.htm. The
form of a refusal is that of the API.
"""

from __future__ import annotations

import json

from aiohttp import web
from multidict import CIMultiDict

from emulator.aliyun.fc import errors
from emulator.core import request_log
from emulator.core.refusal import Refusal
from emulator.functions import url_answers
from emulator.functions.function import Answer
from emulator.functions.url_trigger import UrlCall

FUNCTION_ERROR, REQUEST_ERROR = "UnhandledInvocationError", "FcCommonError"


def of_handler(answer: Answer, call: UrlCall) -> web.Response:
    """Return what the client gets of a handler's result."""
    if answer.error_type is not None:
        return _failed(answer)
    try:
        described = url_answers.read(answer.body)
    except url_answers.Malformed as error:
        return _bad_response(str(error), answer.request_id)
    headers = CIMultiDict(described.headers)
    return _response(described.status, headers, described.body, call)


def of_program(answer: Answer, call: UrlCall) -> web.Response:
    """Return what the client gets of the answer of a custom runtime, which is passed on as it is."""
    if answer.error_type is not None or answer.web is None:
        return _failed(answer)
    if not 200 <= answer.web.status <= 599:
        # A client would take 101 for the end of HTTP on its connection, which goes on here.
        return _bad_response(f"its status is {answer.web.status} and not one of 200 to 599", answer.request_id)
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in answer.web.headers:
        if name.lower() not in url_answers.REMOVED and not name.lower().startswith("x-fc-"):
            headers.add(name, value)
    if url_answers.size(headers.items()) > url_answers.LARGEST_HEADERS:
        return _bad_response(f"the headers have more than {url_answers.LARGEST_HEADERS} bytes", answer.request_id)
    return _response(answer.web.status, headers, answer.body, call)


def refused(refusal: Refusal, request_id: str) -> web.Response:
    """Return the answer to a request that does not reach the function."""
    return _error(refusal, REQUEST_ERROR, request_id)


def _error(refusal: Refusal, kind: str, request_id: str) -> web.Response:
    document = {"RequestId": request_id, "Code": refusal.code, "Message": errors.TABLE.message(refusal)}
    request_log.note_refusal(refusal, errors.TABLE.message(refusal))
    return web.Response(
        status=errors.TABLE.status(refusal),
        body=json.dumps(document).encode(),
        headers={"X-Fc-Request-Id": request_id, "X-Fc-Error-Type": kind},
        content_type="application/json",
    )


def _response(status: int, headers: CIMultiDict[str], body: bytes, call: UrlCall) -> web.Response:
    headers["X-Fc-Request-Id"] = call.asked.request_id
    if status >= 400:
        request_log.note_reason(url_answers.ITS_OWN)
    if call.own_host:
        # Browsers save what the vendor's own host names answer. Other names, as those of this machine, are like custom
        # domains: https://alibabacloud.com/help/en/functioncompute/fc-3-0/user-guide/configure-custom-domain-names.
        headers["Content-Disposition"] = "attachment"
    return web.Response(status=status, body=body, headers=headers)


def _failed(answer: Answer) -> web.Response:
    request_log.note_reason(answer.reason)
    headers = {"X-Fc-Request-Id": answer.request_id, "X-Fc-Error-Type": answer.error_type or FUNCTION_ERROR}
    return web.Response(status=502, body=answer.body, headers=headers, content_type="application/json")


# Unproven malformed-fc-answer: An answer of a function that HTTP cannot carry is refused with BadResponse.
# Why: the page has this code for headers that are too large, and not for those that are malformed.
# Ask: call the HTTP trigger of a function that returns {"statusCode": "x"}, one that returns a header "a b", and one
#   whose body is no base64 with isBase64Encoded: status, headers and body.
def _bad_response(reason: str, request_id: str) -> web.Response:
    """Return the answer for a function's answer that HTTP cannot carry."""
    return _error(
        Refusal("BadResponse", f"The response of the function cannot be sent: {reason}."), FUNCTION_ERROR, request_id
    )
