"""The connection to OSS: keys that rotate, time-outs, the environment, threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Look, ObjectRef
from imagelabels.providers.aliyun.oss.objects import OssObjects
from tests.providers.aliyun.conftest import Make
from tests.providers.aliyun.scripted import HEAD, HEADERS, REF, credentials, head
from tests.scripted import DATE, Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_keys_that_rotate_are_used_from_the_next_request_on(server: Server) -> None:
    holder = credentials()
    objects = OssObjects(server.endpoint, "cn-hangzhou", holder)
    server.will(Answer(headers=HEADERS), Answer(headers=HEADERS), Answer())
    objects.head(REF)
    holder.refresh("STS.other", "other", "token2")
    objects.head(REF)
    objects.put_tags(REF, {}, time.time() + 5, time.time() + 30)
    objects.close()
    assert [asked.headers.get("x-oss-security-token") for asked in server.asked[:2]] == ["TOKENtokenTOKEN", "token2"]
    assert server.asked[2].query["x-oss-security-token"] == ["token2"]
    assert server.asked[2].query["x-oss-credential"][0].startswith("STS.other/")


def test_a_store_that_says_nothing_is_given_up_after_the_time_asked_for(server: Server, make: Make) -> None:
    server.will(Answer(headers=HEADERS, silent=True))
    with pytest.raises(Unavailable) as caught:
        make(read=0.05).head(REF)
    assert caught.value.reason == "timeout"


def test_a_store_that_stops_in_the_middle_is_a_timeout_too(server: Server, make: Make) -> None:
    server.will(Answer(206, {}, b"45", cut=7, stall=True))
    with pytest.raises(Unavailable) as caught:
        make(read=0.05).read(REF, head(10), 0, 9)
    assert caught.value.reason == "timeout"


def test_neither_proxies_nor_netrc_of_the_environment_touch_a_request(
    server: Server, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.will(Answer(headers=HEADERS))
    make().head(REF)
    assert server.asked[0].headers["authorization"].startswith("OSS4-HMAC-SHA256 ")


def test_threads_share_one_store(server: Server, objects: OssObjects) -> None:
    server.will(*[Answer(headers=HEADERS)] * 40)
    gate = threading.Barrier(8)

    def look(bucket: int) -> list[Look]:
        gate.wait()
        return [objects.head(ObjectRef("oss", f"bucket-{bucket % 3}", "a.jpg")) for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        looks = [look for looks in pool.map(look, range(8)) for look in looks]
    assert looks == [Look(DATE, HEAD)] * 40
    assert {asked.path for asked in server.asked} == {f"/bucket-{n}/a.jpg" for n in range(3)}
