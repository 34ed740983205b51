"""This module opens what a deployment works with on an account, with the keys in the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagelabels import clouds
from imagelabels import settings as all_settings
from imagelabels.deploy import proof
from imagelabels.deploy.aliyun.archives import Archives, paths_in
from imagelabels.deploy.aliyun.binding import Bindings
from imagelabels.deploy.aliyun.buckets import Buckets
from imagelabels.deploy.aliyun.stacks import Stacks
from imagelabels.deploy.package.target import Order
from imagelabels.deploy.progress import Say
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.settings import AliyunSettings

OSS = "https://oss-{region}.aliyuncs.com"
TABLESTORE = "https://{instance}.{region}.ots.aliyuncs.com"
"""OSS and Tablestore answer here outside of the vendor's network."""

DIST = Path("dist")
"""`imagelabels package` writes here too, unless another folder is named."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a deployment works with."""

    stacks: Stacks
    buckets: Buckets
    bindings: Bindings
    build: Callable[[Order], Archives]
    """Make the archives of an order."""
    prove: Callable[[ObjectRef, str, str], None]
    """Prove with an object, in the index of a Tablestore instance, and with words about what to look at in vain."""
    secrets: Sequence[str]

    def close(self) -> None:
        for opened in (self.stacks, self.buckets, self.bindings):
            opened.close()


def surroundings(region: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the addresses that answer outside of the vendor's network, unless it names others."""
    return {"IMAGELABELS_ENDPOINT_OSS": OSS.format(region=region), **environ, "FC_REGION": region}


def settings_of(environ: Mapping[str, str]) -> AliyunSettings:
    """Return the provider's settings."""
    settings: AliyunSettings = all_settings.of(clouds.provider_of("oss"), environ)
    return settings


def bindings(environ: Mapping[str, str]) -> Bindings:
    """Open the bindings of the buckets in the region that FC_REGION names."""
    settings = settings_of(environ)
    return Bindings(settings, AliyunCredentials.from_context(None, environ))


def opened(region: str, environ: Mapping[str, str], say: Say, endpoint: str = "") -> Account:
    """Open an account in a region. `endpoint` is where ROS answers, if not at its own address."""
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise Misconfigured("--endpoint must be an address, such as http://127.0.0.1:9000")
    around = surroundings(region, environ)
    settings, credentials = settings_of(around), AliyunCredentials.from_context(None, environ)
    keys = credentials.get_credentials()

    def prove(ref: ObjectRef, instance: str, look_at: str) -> None:
        address = TABLESTORE.format(instance=instance, region=region)
        inside = {"IMAGELABELS_ENDPOINT_TABLESTORE": address, **around}
        proof.prove(proof.opened("oss", f"tablestore://{instance}", inside, say), ref, look_at)

    return Account(
        Stacks(settings, credentials, say, endpoint),
        Buckets(settings, credentials),
        bindings(around),
        lambda order: _built(order, environ),
        prove,
        [secret for secret in (keys.secret, keys.token) if secret],
    )


def _built(order: Order, environ: Mapping[str, str]) -> Archives:
    from imagelabels.deploy.package.build import build

    build(order, DIST, environ)
    return paths_in(order, DIST)
