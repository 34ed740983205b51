"""Speaks to Simple Message Queue over HTTP, with explicit time-outs and one attempt per request.

The vendor's package for Python (aliyun-mns-sdk 1.3.0) is not used: over HTTPS it sets no time-out, it knows no proxy,
it repeats a request by itself when a connection was closed, and it tells nothing but a text of a failed connection.

https://www.alibabacloud.com/help/en/mns/developer-reference/request-protocol-description
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import urlencode
from xml.etree import ElementTree

import requests

from imagelabels.domain.calls import Call
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.smq import failures
from imagelabels.providers.kit.proxies import DIRECT, Proxies
from imagelabels.providers.kit.session import NoRedirects

VERSION = "2015-06-06"
CONNECT, READ = 3.0, 10.0
"""A request waits so many seconds for a connection, and for the answer."""

Answer = tuple[str, ElementTree.Element | None]
"""The code with which the service refused the request, or an empty text, and the document; None if it sent none."""


class Smq:
    """The queues of an account at an endpoint, http:// or https://."""

    def __init__(
        self,
        endpoint: str,
        credentials: AliyunCredentials,
        connect: float = CONNECT,
        read: float = READ,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._endpoint, self._credentials, self._timeout = endpoint, credentials, (connect, read)
        self._session = NoRedirects(proxies, 1)

    def close(self) -> None:
        self._session.close()

    def ask(
        self,
        operation: str,
        method: str,
        queue: str,
        params: Mapping[str, str],
        expected: frozenset[str] = frozenset(),
        wait: float = 0.0,
    ) -> Answer:
        """Send a request about the messages of a queue, which the service may answer `wait` seconds later.

        A refusal with one of the `expected` codes is an answer; others raise our errors.
        """
        # The vendor's client does not encode the = of receipt handles, and the signature covers the text that is sent.
        call = Call(operation, f"mns:{operation}", queue)
        target = f"/queues/{queue}/messages" + (f"?{urlencode(params, safe='=')}" if params else "")
        keys = self._credentials.get_credentials()
        connect, read = self._timeout
        try:
            response = self._session.request(
                method,
                self._endpoint + target,
                headers=_signed(keys, method, target),
                timeout=(connect, read + wait),
            )
        except requests.RequestException as error:
            raise failures.raised_without_answer(error, call) from None
        return _answer(call, response, expected, keys.temporary)


def _signed(keys: AliyunKeys, method: str, target: str) -> dict[str, str]:
    """Return the headers of a request without a body."""
    date = formatdate(usegmt=True)
    text = f"{method}\n\n\n{date}\nx-mns-version:{VERSION}\n{target}"
    digest = hmac.new(keys.secret.encode(), text.encode(), hashlib.sha1).digest()
    headers = {"Date": date, "x-mns-version": VERSION, "User-Agent": "imagelabels"}
    headers["Authorization"] = f"MNS {keys.key_id}:{base64.b64encode(digest).decode()}"
    return headers | ({"security-token": keys.token} if keys.token else {})


def _answer(call: Call, response: requests.Response, expected: frozenset[str], temporary: bool) -> Answer:
    """Return the answer, or raise what it means."""
    status = response.status_code
    request_id = f"request {response.headers.get('x-mns-request-id', '')}"
    document = _document(response.content)
    if 200 <= status < 300 and (document is not None or not response.content):
        return "", document
    if document is None or 200 <= status < 400:
        meaning = failures.ANSWER if status < 400 else failures.refused(status, "", "", temporary)
        raise failures.raised_for(meaning, call, (f"status {status}", request_id)) from None
    code, words = text_of(document, "Code"), text_of(document, "Message")
    if code in expected:
        return code, document
    meaning = failures.refused(status, code, words, temporary)
    raise failures.raised_for(meaning, call, (str(status), code, request_id), words) from None


def _document(content: bytes) -> ElementTree.Element | None:
    """Return the document; None if there is none that can be read. The service writes UTF-8 and no document types."""
    try:
        text = content.decode()
        return ElementTree.fromstring(text) if "<!DOCTYPE" not in text else None
    except (UnicodeDecodeError, ElementTree.ParseError):
        return None


def text_of(element: ElementTree.Element, name: str) -> str:
    """Return the text of a child, whatever its namespace; an empty one if there is no such child."""
    return next((child.text or "" for child in element if name_of(child) == name), "")


def name_of(element: ElementTree.Element) -> str:
    """Return the element's name without its namespace."""
    return element.tag.rpartition("}")[2]
