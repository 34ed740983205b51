"""A healthy account, and what a look costs it."""

from tests.deploy.doctor.live.account import Account


def test_a_healthy_account_would_be_called_ill(running: Account) -> None:
    assert running.look() == []
