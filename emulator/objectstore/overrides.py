"""Headers that the caller of a GET wants in place of the object's own."""

from __future__ import annotations

from emulator.objectstore.call import Call
from emulator.objectstore.refusals import invalid

OVERRIDES = {
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
    "response-content-language": "Content-Language",
    "response-content-type": "Content-Type",
    "response-expires": "Expires",
}


def overriding_headers(call: Call) -> dict[str, str]:
    headers = {}
    for name, value in call.params:
        if name in OVERRIDES:
            if any(char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in value):
                raise invalid(name, value, "The value cannot be sent in a header.")
            headers[OVERRIDES[name]] = value
    return headers
