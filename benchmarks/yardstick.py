"""This server sends fixed answers and checks nothing, so a request to it costs little more than the client does.

`python -m benchmarks.yardstick` prints its port. Every object is BODY, and every list has LISTED keys.
"""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from fastcrc import crc64

BODY = bytes(range(256)) * 4
TAGS = {f"label:dog-{n}": "mammal" for n in range(5)}
LISTED = 50

_ETAG = f'"{hashlib.md5(BODY, usedforsecurity=False).hexdigest().upper()}"'
_OF_OBJECT = {
    "ETag": _ETAG,
    "Last-Modified": "Sat, 21 Nov 2026 12:00:00 GMT",
    "x-oss-hash-crc64ecma": str(crc64.xz(BODY)),
    "x-oss-object-type": "Normal",
}
_XML = {"Content-Type": "application/xml"}
_TAGGING = "".join(f"<Tag><Key>{escape(key)}</Key><Value>{value}</Value></Tag>" for key, value in TAGS.items())
_CONTENTS = "".join(
    f"<Contents><Key>list/{n:04}</Key><LastModified>2026-11-21T12:00:00.000Z</LastModified><ETag>{escape(_ETAG)}</ETag>"
    f"<Type>Normal</Type><Size>{len(BODY)}</Size><StorageClass>Standard</StorageClass></Contents>"
    for n in range(LISTED)
)
_TAGGING_XML = f"<Tagging><TagSet>{_TAGGING}</TagSet></Tagging>".encode()
_LIST_XML = (
    f"<ListBucketResult><Name>bench</Name><MaxKeys>{LISTED}</MaxKeys><EncodingType>url</EncodingType>"
    f"<IsTruncated>false</IsTruncated><KeyCount>{LISTED}</KeyCount>{_CONTENTS}</ListBucketResult>"
).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body are sent in one write

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self._answer({} if "?tagging" in self.path else _OF_OBJECT)

    def do_GET(self) -> None:
        if "?tagging" in self.path:
            self._answer(_XML, _TAGGING_XML)
        elif "list-type=2" in self.path:
            self._answer(_XML, _LIST_XML)
        else:
            self._answer(_OF_OBJECT, BODY)

    def do_HEAD(self) -> None:
        self._answer(_OF_OBJECT)

    def _answer(self, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(200)
        length = len(BODY) if self.command == "HEAD" else len(body)
        for name, value in {**headers, "x-oss-request-id": "0" * 24, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Print nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
