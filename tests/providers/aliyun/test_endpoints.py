"""What a person reads who works at a desk, outside the cloud's network."""

from __future__ import annotations

from urllib.parse import urlsplit

import oss2
import pytest
import requests
from urllib3 import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import LabelingError
from imagelabels.providers.aliyun import endpoints
from imagelabels.providers.aliyun.oss import failures
from imagelabels.providers.aliyun.tablestore import failures as failures_tablestore

OSS = endpoints.OSS.format(region="cn-hangzhou")
TABLESTORE = endpoints.TABLESTORE.format(instance="photos-inst", region="cn-hangzhou")
STORE = Call("HeadObject", "oss:GetObject", "oss://photos/a.jpg")
ROW = Call("GetRow", "ots:GetRow", "tablestore://photos-inst/imagelabels_images")


def unreached(host: str) -> MaxRetryError:
    pool = HTTPSConnectionPool(host)
    return MaxRetryError(pool, "/a.jpg", ConnectTimeoutError(f"Connection to '{host}' timed out."))


def test_oss_that_is_not_reached_says_what_to_set() -> None:
    host = f"photos.{urlsplit(OSS).hostname}"
    with pytest.raises(LabelingError) as caught, failures.calling(STORE):
        raise oss2.exceptions.RequestError(requests.ConnectTimeout(unreached(host)))
    assert str(caught.value) == (
        "HeadObject 'oss://photos/a.jpg': cannot reach photos.oss-cn-hangzhou-internal.aliyuncs.com from here; outside "
        "Alibaba's network set IMAGELABELS_ENDPOINT_OSS=https://oss-cn-hangzhou.aliyuncs.com (ConnectTimeout)"
    )
    assert caught.value.reason == "timeout"


def test_tablestore_that_is_not_reached_says_what_to_set() -> None:
    error = unreached(str(urlsplit(TABLESTORE).hostname))
    found = failures_tablestore.meaning(error)
    assert found is not None
    assert str(failures_tablestore.raised(found, ROW, error)) == (
        "GetRow 'tablestore://photos-inst/imagelabels_images': cannot reach photos-inst.cn-hangzhou.vpc.tablestore."
        "aliyuncs.com from here; outside Alibaba's network set IMAGELABELS_ENDPOINT_TABLESTORE="
        "https://photos-inst.cn-hangzhou.ots.aliyuncs.com (ConnectTimeoutError)"
    )


@pytest.mark.parametrize("host", ["oss-cn-hangzhou.aliyuncs.com", "imm.cn-hangzhou.aliyuncs.com", "127.0.0.1"])
def test_a_public_address_is_not_told_to_be_replaced_by_itself(host: str) -> None:
    assert endpoints.hint(host) == "; check FC_REGION, the IMAGELABELS_ENDPOINT_ variables and the network"
