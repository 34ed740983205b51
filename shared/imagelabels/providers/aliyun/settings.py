"""Describes and checks what this provider reads of the environment."""

from __future__ import annotations

from typing import Any

from pydantic import Field, Json, field_validator, model_validator

from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.aliyun import endpoints
from imagelabels.providers.kit.settings import Address, CloudSettings


class AliyunSettings(CloudSettings):
    """These are the settings of Alibaba Cloud."""

    region: str = Field(
        validation_alias="FC_REGION",
        pattern="^[a-z]{2}(-[a-z0-9]+)+$",
        title="the id of a region of Alibaba Cloud, as cn-hangzhou",
        description="The region's id, as cn-hangzhou. Function Compute sets it; requests are signed for it.",
    )
    endpoint_oss: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_OSS",
        description="Where OSS answers, as http://127.0.0.1:9000. "
        "Without it the region's internal endpoint, https://oss-<region>-internal.aliyuncs.com, which only reaches "
        "buckets of the function's own region.",
    )
    imm_project: str = Field(
        default="",
        validation_alias="IMAGELABELS_IMM_PROJECT",
        pattern="^[A-Za-z0-9_-]{0,64}$",
        title="the name of an IMM project: at most 64 of A-Z, a-z, 0-9, _ and -",
        description="The IMM project that `imm` asks, in the buckets' region; `imm` needs it.",
    )
    imm_credential_config: Json[dict[str, Any]] | None = Field(
        default=None,
        validation_alias="IMAGELABELS_IMM_CREDENTIAL_CONFIG",
        title='an object in JSON, as {"Chain": [...]}',
        description="How `imm` comes to read buckets of another account: the vendor's CredentialConfig as JSON, "
        'as {"Chain": [{"Role": "reader", "RoleType": "user", "AssumeRoleFor": "1234567890123456"}]}. '
        "Without it the project's own role reads.",
    )
    endpoint_imm: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_IMM",
        description="Where IMM answers, as http://127.0.0.1:9000. Without it https://imm.<region>.aliyuncs.com.",
    )

    endpoint_tablestore: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_TABLESTORE",
        description="Where Tablestore answers, as https://photos.cn-hangzhou.ots.aliyuncs.com. Without it the "
        "instance's address inside the region's VPC, https://<instance>.<region>.vpc.tablestore.aliyuncs.com.",
    )

    endpoint_fc: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_FC",
        description="Where Function Compute answers `imagelabels invoke`, as http://127.0.0.1:9000. Without it "
        "https://fcv3.<region>.aliyuncs.com, and https://<account>.<region>.fc.aliyuncs.com for services of 2.0.",
    )
    fc_account_id: str = Field(
        default="",
        validation_alias="IMAGELABELS_FC_ACCOUNT_ID",
        pattern="^[0-9]{0,32}$",
        title="the id of an account of Alibaba Cloud, which is a number",
        description="The account that owns the services of Function Compute 2.0 and the queue of failed events, which "
        "`imagelabels invoke --through fc2` and `imagelabels redrive --queue` need. A function does not need it.",
    )
    endpoint_smq: Address = Field(
        default="",
        validation_alias="IMAGELABELS_ENDPOINT_SMQ",
        description="Where Simple Message Queue answers `imagelabels redrive --queue`, as http://127.0.0.1:9000. "
        "Without it https://<account>.mns.<region>.aliyuncs.com.",
    )

    @field_validator("imm_credential_config")
    @classmethod
    def _is_known(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if unknown := set(value or ()) - {"Chain", "Policy", "ServiceRole"}:
            raise ValueError(f"has Chain, Policy and ServiceRole, not {', '.join(sorted(unknown))}")
        return value

    @model_validator(mode="after")
    def _derive_endpoints(self) -> AliyunSettings:
        if not self.endpoint_oss:
            object.__setattr__(self, "endpoint_oss", endpoints.OSS.format(region=self.region))
        if not self.endpoint_imm:
            object.__setattr__(self, "endpoint_imm", endpoints.IMM.format(region=self.region))
        return self

    @property
    def address_fc3(self) -> str:
        """Where Function Compute 3.0 answers."""
        elsewhere = self.region in endpoints.FC3_REGIONS_ELSEWHERE
        usual = endpoints.FC3_ELSEWHERE if elsewhere else endpoints.FC3
        return self.endpoint_fc or usual.format(region=self.region)

    @property
    def address_fc2(self) -> str:
        """Where Function Compute 2.0 answers; Misconfigured without the account, whose id is a part of the address."""
        if not (self.endpoint_fc or self.fc_account_id):
            raise Misconfigured("IMAGELABELS_FC_ACCOUNT_ID is not set: name the account that owns the 2.0 service")
        return self.endpoint_fc or endpoints.FC2.format(account=self.fc_account_id, region=self.region)

    @property
    def address_smq(self) -> str:
        """Where Simple Message Queue answers; Misconfigured without the account, whose id is a part of the address."""
        if not (self.endpoint_smq or self.fc_account_id):
            raise Misconfigured(
                "IMAGELABELS_FC_ACCOUNT_ID is not set: name the account that owns the queue. The output Failures of "
                "the stack is the queue's address, which begins with the account's id"
            )
        return self.endpoint_smq or endpoints.SMQ.format(account=self.fc_account_id, region=self.region)
