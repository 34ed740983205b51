"""Describes the vendors' test suites: where their sources are, and how their tests learn of the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KEY = "emulator"
PAYER = "payer"
"""The key of another account, which pays for its requests."""
OSS = {
    "OSS_TEST_ACCESS_KEY_ID": KEY,
    "OSS_TEST_ACCESS_KEY_SECRET": KEY,
    "OSS_TEST_ENDPOINT": "http://oss-cn-hangzhou.aliyuncs.com",
    "OSS_TEST_REGION": "cn-hangzhou",
    "OSS_TEST_RAM_ROLE_ARN": "acs:ram::1:role/emulator",
    "OSS_TEST_RAM_UID": "1",
    "OSS_TEST_PAYER_UID": "2000000000000000",
    "OSS_TEST_PAYER_ACCESS_KEY_ID": PAYER,
    "OSS_TEST_PAYER_ACCESS_KEY_SECRET": PAYER,
}


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite. `folder`, `tests` and `imports` are relative: to SOURCES, to the folder and to the folder.

    In `environment`, {port} stands for the port of the emulator.
    """

    repository: str
    version: str
    """The release, and the commit whose tests the lists are about."""
    tests: str
    imports: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    """Options of pytest."""

    @property
    def folder(self) -> str:
        return self.repository.rpartition("/")[2]


def _oss2(signature: str) -> Suite:
    return Suite(
        "github.com/aliyun/aliyun-oss-python-sdk",
        "2.19.1, commit eb329ec",
        "tests/test_*.py",
        (".", "tests"),
        {**OSS, "OSS_TEST_AUTH_VERSION": signature},
    )


SUITES = {
    "oss2-v4": _oss2("v4"),
    "cos": Suite(
        "github.com/tencentyun/cos-python-sdk-v5",
        "1.9.41, commit cc3bdf0",
        "ut/test.py",
        (".",),
        {
            "COS_SECRET_ID": KEY,
            "COS_SECRET_KEY": KEY,
            "COS_REGION": "ap-guangzhou",
            "COS_APPID": "1250000000",
            "COS_VECTORS_BUCKET": "vectors-1250000000",
            "COS_VECTORS_BUCKET_FOR_CREATE_DELETE": "vectors-made-1250000000",
            "COS_VECTORS_APPID": "1250000000",
            "COS_VECTORS_SECRET_ID": KEY,
            "COS_VECTORS_SECRET_KEY": KEY,
            "COS_VECTORS_REGION": "ap-guangzhou",
            "COS_VECTORS_USE_IP": "false",
            "ERR_HOST": "127.0.0.1:{port}",
            "ErrRegion": "ap-guangzhou",
            "ErrBucket": "errors",
            "ErrAppid": "1250000000",
            "TEST_CI": "false",
            "TRAVIS_FLAG": "false",
            "USE_CREDENTIAL_INST": "false",
            "VENDOR_HTTP": "cos",
        },
        ("-o", "python_files=test.py"),
    ),
    "oss-v2": Suite(
        "github.com/aliyun/alibabacloud-oss-python-sdk-v2",
        "1.3.2, commit ebe9a43",
        "tests/integration/**/test_*.py",
        (".",),
        {
            **OSS,
            "OSS_TEST_USER_ID": "1",
            "OSS_TEST_VECTORS_ENDPOINT": "http://cn-hangzhou.oss-vectors.aliyuncs.com",
            "OSS_TEST_TABLES_ENDPOINT": "http://cn-hangzhou.oss-tables.aliyuncs.com",
            "VENDOR_HTTP": "oss",
            # A test gives a moment and expects its day in China.
            "TZ": "Asia/Shanghai",
        },
    ),
    "oss2-v1": _oss2("v1"),
    "tablestore": Suite(
        "github.com/aliyun/aliyun-tablestore-python-sdk",
        "6.1.0, commit 46d6882",
        "tests/*test.py",
        # The package imports its flatbuffers by names of their own, as if it were installed.
        (".", "tests", "tablestore/flatbuffer"),
        {
            "OTS_TEST_ACCESS_KEY_ID": KEY,
            "OTS_TEST_ACCESS_KEY_SECRET": KEY,
            "OTS_TEST_ENDPOINT": "http://127.0.0.1:{port}",
            "OTS_TEST_INSTANCE": "emulator",
            "VENDOR_TABLE": "TransactionTable",
        },
        ("-o", "python_files=*test.py"),
    ),
}
