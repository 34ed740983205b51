"""Opens clients of the SCF SDK, which send once, with the present keys."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import requests
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.scf.v20180416.scf_client import ScfClient

from imagelabels.providers.tencent.credentials import TencentKeys

CONNECTIONS = 4
"""A client keeps so many connections open."""

# At the level DEBUG the SDK writes whole requests, with key, signature and token.
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.CRITICAL + 1)


def opened(
    endpoint: str, region: str, keys: TencentKeys, timeouts: tuple[float, float], session: requests.Session
) -> ScfClient:
    """Return a client of one region. `endpoint` is http:// or https://, or empty for the vendor's own address.

    It sends with our session, which heeds no other setting of the environment than the proxies that we read.
    """
    at = urlsplit(endpoint)
    http = HttpProfile(at.scheme or "https", at.netloc or None, reqTimeout=timeouts)
    client = ScfClient(credential.Credential(keys.id, keys.secret, keys.token), region, ClientProfile(httpProfile=http))
    client.request.conn._session = session
    return client
