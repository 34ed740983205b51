"""What a deployment may set of asynchronous invocations, by the vendors' names."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.tencent.scf.platform import ServerlessCloudFunction


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"maxAsyncRetryAttempts": 9}, "maxAsyncRetryAttempts is 0 to 8, not 9"),
        ({"maxAsyncRetryAttempts": -1}, "maxAsyncRetryAttempts is 0 to 8, not -1"),
        ({"maxAsyncEventAgeInSeconds": 0}, "maxAsyncEventAgeInSeconds is 1 to 604800, not 0"),
        ({"maxAsyncRetries": 1}, "asyncInvokeConfig: there is no field 'maxAsyncRetries'"),
        ({"asyncTask": 1}, "asyncInvokeConfig: asyncTask must be true or false, not 1"),
        ({"destinationConfig": {"onError": {}}}, "destinationConfig: there is no field 'onError'"),
        ({"destinationConfig": {"onFailure": {}}}, "onFailure: the emulator's destinations are functions"),
        (
            {"destinationConfig": {"onFailure": {"destination": "acs:mns:r:1:/topics/t/messages"}}},
            "queues of Simple Message Queue .*, not 'acs:mns:r:1:/topics/t/messages'",
        ),
    ],
)
def test_what_is_wrong_with_an_asynchronous_configuration_is_said(described: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FunctionCompute().settings({"asyncInvokeConfig": described})


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"AsyncTriggerConfig": {"RetryConfig": [{"RetryNum": 3}]}}, "RetryNum is 0 to 2, not 3"),
        ({"AsyncTriggerConfig": {"RetryConfig": [1]}}, "RetryConfig: must be an object"),
        ({"AsyncTriggerConfig": {"MsgTTL": 21601}}, "MsgTTL is 1 to 21600 seconds, not 21601"),
        ({"DeadLetterConfig": {"Type": "CMQ-QUEUE"}}, "DeadLetterConfig: Name is missing"),
        ({"DeadLetterConfig": {"Type": "CMQ-TOPIC", "Name": "t"}}, "the emulator has queues only"),
        ({"InitTimeout": 0}, "InitTimeout is 1 to 300 seconds, not 0"),
    ],
)
def test_what_is_wrong_with_tencents_configuration_is_said(described: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ServerlessCloudFunction().settings(described)


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"asyncInvokeConfig": {}}, (1.0, 2.0, 4.0)),
        ({"asyncInvokeConfig": {"maxAsyncRetryAttempts": 0}}, ()),
        ({"asyncInvokeConfig": {"maxAsyncRetryAttempts": 8}}, (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)),
    ],
)
def test_as_many_retries_as_are_declared(fields: dict[str, Any], waits: tuple[float, ...]) -> None:
    policy = FunctionCompute().settings(fields).asynchronous
    assert policy is not None
    assert policy.retries == waits


def test_no_retries_where_tencent_is_told_so() -> None:
    none = {"AsyncTriggerConfig": {"RetryConfig": [{"RetryNum": 0}]}}
    for fields, waits in ((none, ()), ({"AsyncTriggerConfig": {"MsgTTL": 60}}, (60.0, 60.0))):
        policy = ServerlessCloudFunction().settings(fields).asynchronous
        assert policy is not None
        assert policy.retries == waits
