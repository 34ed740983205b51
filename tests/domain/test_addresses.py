"""A stranger's address never makes the service connect to what only the service can reach."""

from __future__ import annotations

import pytest

from imagelabels.domain.addresses import is_allowed

OWN = ["10.0.0.1", "127.0.0.1", "127.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::1", "fd00::1"]
OWN += ["::ffff:10.0.0.1", "::ffff:127.0.0.1", "fc00:1::"]
NEVER = [
    "0.0.0.0",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.0.23",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:100.100.100.200",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:a00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "nonsense",
    "",
    "0x7f.1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "223.5.5.5"]
PUBLIC += ["::ffff:8.8.8.8", "2001:4860:4860::8888", "2400:3200::1", "2003::1"]


@pytest.mark.parametrize("address", OWN + NEVER)
def test_a_webhook_would_reach_into_a_private_network(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", NEVER)
def test_a_setting_for_local_use_would_open_the_way_to_the_keys_of_a_cloud(address: str) -> None:
    assert not is_allowed(address, anywhere=True)


@pytest.mark.parametrize("address", OWN)
def test_a_receiver_on_the_same_machine_could_not_be_tried_out(address: str) -> None:
    assert is_allowed(address, anywhere=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_receiver_on_the_internet_would_be_refused(address: str) -> None:
    assert is_allowed(address)
    assert is_allowed(address, anywhere=True)
