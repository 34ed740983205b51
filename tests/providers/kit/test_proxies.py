"""The proxy that a request goes through."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.kit.proxies import PLATFORMS, Proxies

OSS = "https://photos.oss-cn-hangzhou.aliyuncs.com/a.jpg"


def test_the_environments_proxy_is_taken_by_scheme() -> None:
    proxies = Proxies.of_environment({"HTTPS_PROXY": "http://proxy:3128", "HTTP_PROXY": "other:80"})
    assert proxies.of(OSS) == {"https": "http://proxy:3128"}
    assert proxies.of(OSS.replace("https", "http")) == {"http": "http://other:80"}
    assert Proxies.of_environment({"all_proxy": "http://proxy:3128"}).of(OSS) == {"https": "http://proxy:3128"}


def test_the_lower_case_spelling_wins_as_with_curl() -> None:
    proxies = Proxies.of_environment({"HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:1"})
    assert proxies.of(OSS) == {"https": "http://lower:1"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/b/a", "http://localhost:9000", "http://[::1]:9000/", OSS])
def test_nothing_is_asked_of_a_proxy_without_one(url: str) -> None:
    assert Proxies.of_environment({}).of(url) == {}


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:9000", "[::1]:9000", "photos.localhost:9000"])
def test_the_emulator_answers_beside_a_proxy_that_knows_nothing_of_it(host: str) -> None:
    assert Proxies.of_environment({"HTTP_PROXY": "http://proxy:3128"}).of(f"http://{host}/photos/a.jpg") == {}


@pytest.mark.parametrize(
    "without", [".aliyuncs.com", "aliyuncs.com", "*", "a.example, photos.oss-cn-hangzhou.aliyuncs.com"]
)
def test_a_host_of_no_proxy_is_spoken_to_directly(without: str) -> None:
    proxies = Proxies.of_environment({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": without})
    assert proxies.of(OSS) == {}
    assert bool(proxies.of("https://imm.cn-hangzhou.example.com")) is (without != "*")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_function_speaks_to_its_stores_directly(platform: str) -> None:
    assert Proxies.of_environment({"HTTPS_PROXY": "http://proxy:3128", platform: "/code"}).of(OSS) == {}


def test_another_kind_of_proxy_is_refused_by_its_variable_and_without_its_password() -> None:
    proxies = Proxies.of_environment({"ALL_PROXY": "socks5://me:hidden@proxy:1080"})
    assert "hidden" not in repr(proxies)
    assert proxies.of("http://127.0.0.1:9000") == {}
    with pytest.raises(Misconfigured, match="ALL_PROXY must name an HTTP proxy") as caught:
        proxies.of(OSS)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:secret#1@proxy:3128",
        "http://me:secret/1@proxy:3128",
        "http://me:secret?1@proxy:3128",
        "http://me:secret@pro\txy:3128",
        "http://me:secret@proxy:99999",
        "http://me:secret@proxy:port",
        "http://me:secret@[proxy:3128",
        "http://me:secret@",
        "me:secret#1@proxy:3128",
    ],
)
def test_a_proxy_that_cannot_be_read_is_refused_by_its_variable_and_never_quoted(proxy: str) -> None:
    """HTTP libraries quote what they cannot read, and a password that is not encoded is a part of it."""
    with pytest.raises(Misconfigured) as refused:
        Proxies.of_environment({"HTTPS_PROXY": proxy}).of(OSS)
    assert "HTTPS_PROXY" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "proxy",
    ["http://me:s%23cret@proxy.example.com:3128/", "http://me:s@cret@[::1]:3128", "https://proxy_1", "HTTP://proxy:80"],
)
def test_a_proxy_is_taken_as_it_is_written(proxy: str) -> None:
    assert Proxies.of_environment({"HTTPS_PROXY": proxy}).of(OSS) == {"https": proxy}
