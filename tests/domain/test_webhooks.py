"""What webhooks may be called with, and what their messages are."""

from __future__ import annotations

from base64 import b64decode

import pytest

from imagelabels.domain.webhooks import Delivery, checked_url, due, host_of, new_secret, pause

ONE = Delivery("hook", "picture", 1, "oss://photos/\udc80 <script>.jpg", 1_800_000_000_000)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/a?b=c",
        "https://[2001:4860:4860::8888]/x",
        "https://8.8.8.8/",
        "https://134744072/",
        "https://localhost.example.com/",
        "https://EXAMPLE.com/%F0",
    ],
)
def test_a_good_address_would_be_refused(url: str) -> None:
    assert checked_url(url, anywhere=False) == url


def test_a_fragment_is_left_out_because_it_is_never_sent() -> None:
    assert checked_url("https://example.com/a#b", anywhere=False) == "https://example.com/a"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "must begin with https://"),
        ("http://example.com", "IMAGELABELS_WEBHOOK_RECEIVERS=any allows http://"),
        ("ftp://example.com", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("https:///x", "must begin with https://"),
        ("https://example.com:0/", "must begin with https://"),
        ("https://example.com:99999/", "no address"),
        ("https://[::1/", "no address"),
        ("https://user:secret@example.com/", "must not hold a user"),
        ("https://@example.com/", "must not hold a user"),
        ("https://example.com/\r\nX-Evil: 1", "printable"),
        ("https://example.com/a b", "printable"),
        ("https://例子.com/", "printable"),
        ("https://example.com/" + "x" * 2000, "2,000"),
        ("https://example..com/", "no name of a host"),
        ("https://.example.com/", "no name of a host"),
        ("https://%31%32%37.0.0.1/", "no name of a host"),
        ("https://127.0.0.1%00.example.com/", "no name of a host"),
        ("https://127.0.0.1../", "no name of a host"),
        ("https://127.0.0.256/", "no name of a host"),
        ("https://example.0x7f./", "no name of a host"),
        ("https://4294967296/", "no name of a host"),
        ("https://[v1.x]/", "no name of a host"),
        (f"https://{'a' * 64}.com/", "no name of a host"),
        (f"https://{'abc.' * 64}com/", "no name of a host"),
    ],
)
def test_a_bad_address_is_refused_with_a_reason_that_repeats_no_secret(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        checked_url(url, anywhere=False)
    assert "secret" not in str(refused.value).replace("put a secret", "")


OWN = [
    "127.0.0.1",
    "127.0.0.1:8443",
    "10.0.0.1",
    "192.168.1.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]:8443",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[fd00::1]",
    "2130706433",
    "0x7f000001",
    "0X7F.1",
    "017700000001",
    "0177.0.0.1",
    "127.1",
    "localhost",
    "LOCALHOST.",
    "127.0.0.1.",
    "2130706433.",
    "a.localhost",
]
NEVER = [
    "169.254.169.254",
    "0xA9FEA9FE",
    "100.100.100.200",
    "0",
    "[::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::7f00:1]",
]


@pytest.mark.parametrize("host", OWN + NEVER)
def test_a_webhook_would_be_made_that_can_never_be_sent(host: str) -> None:
    with pytest.raises(ValueError, match="is not an address of the public internet"):
        checked_url(f"https://{host}/x", anywhere=False)


@pytest.mark.parametrize("host", OWN)
def test_somebody_who_tries_a_receiver_on_their_own_machine_would_not_learn_how(host: str) -> None:
    with pytest.raises(ValueError, match="IMAGELABELS_WEBHOOK_RECEIVERS=any allows private networks"):
        checked_url(f"https://{host}/x", anywhere=False)
    assert checked_url(f"https://{host}/x", anywhere=True) == f"https://{host}/x"


@pytest.mark.parametrize("host", NEVER)
def test_the_keys_of_a_cloud_could_be_named_as_a_receiver(host: str) -> None:
    with pytest.raises(ValueError, match=r"that everybody can reach$"):
        checked_url(f"https://{host}/x", anywhere=True)


def test_http_is_allowed_for_local_use_alone() -> None:
    assert checked_url("http://127.0.0.1:8000/x", anywhere=True) == "http://127.0.0.1:8000/x"
    with pytest.raises(ValueError, match="https"):
        checked_url("gopher://127.0.0.1/", anywhere=True)


def test_the_log_would_tell_a_secret_in_an_address() -> None:
    assert host_of("https://hooks.example.com:8443/services/T0/B0/secret?key=1") == "hooks.example.com"


def test_a_secret_has_the_form_of_the_specification() -> None:
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert new_secret() != secret


def test_a_message_is_ascii_whatever_the_key_of_its_picture_holds() -> None:
    assert ONE.body("album").isascii()
    assert "\\udc80 <script>" in ONE.body("album")


def test_messages_of_other_webhooks_pictures_or_changes_have_other_ids() -> None:
    others = {
        Delivery(*key, "", 0).message_id for key in (("hook", "picture", 2), ("hook", "p", 1), ("h", "picture", 1))
    }
    assert len(others | {ONE.message_id}) == 4
    assert ONE.message_id == Delivery("hook", "picture", 1, "", 9).message_id
    assert (ONE.kind, Delivery("hook", "picture", 2, "", 0).kind) == ("entered", "left")


def test_chance_shortens_a_pause_by_up_to_a_half() -> None:
    assert (pause(1, 0.0), pause(1, 1.0), pause(2, 0.5)) == (60_000, 30_000, 90_000)
    assert pause(10**6, 0.0) == 7_200_000


def test_what_is_due_comes_in_the_order_in_which_it_became_due() -> None:
    late, early, first = (Delivery("h", name, 1, "", 0, due_at=at) for name, at in (("a", 5), ("b", 3), ("c", 4)))
    behind = Delivery("h", "b", 2, "", 0, due_at=1)
    failed = Delivery("h", "d", 1, "", 0, failed_at=1)
    assert due([late, behind, early, first, failed, behind], 5) == [early, first, late]
    assert due([late, early], 4) == [early]
