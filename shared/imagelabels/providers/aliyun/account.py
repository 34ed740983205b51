"""Opens what tells how the things on an account are set up, and what failed. Only a command asks that, so no function
loads this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.providers.aliyun import UNUSED_BY_IMM, UNUSED_BY_OSS, open_instance
from imagelabels.providers.kit.standins import standing_in

if TYPE_CHECKING:
    from imagelabels.ports.buckets import Buckets
    from imagelabels.ports.examined import IndexState
    from imagelabels.ports.failed_events import FailedEvents
    from imagelabels.ports.functions import Functions
    from imagelabels.providers.aliyun.credentials import AliyunCredentials
    from imagelabels.providers.aliyun.imm.projects import ImmProjects
    from imagelabels.providers.aliyun.settings import AliyunSettings


def open_buckets(settings: AliyunSettings, credentials: AliyunCredentials) -> Buckets:
    """Open what tells how buckets of OSS are set up."""
    with standing_in(*UNUSED_BY_OSS):
        from imagelabels.providers.aliyun.oss.buckets import OssBucketSetup
        from imagelabels.providers.aliyun.oss.client import OssBuckets

    buckets = OssBuckets(settings.endpoint_oss, settings.region, credentials, 3.0, 10.0, settings.proxies)
    return OssBucketSetup(buckets)


def open_functions(settings: AliyunSettings, credentials: AliyunCredentials) -> Functions:
    """Open what tells how functions of Function Compute 3.0 are deployed."""
    from imagelabels.providers.aliyun.endpoints import FC3
    from imagelabels.providers.aliyun.fc3.functions import Fc3Functions

    endpoint = settings.endpoint_fc or FC3.format(region=settings.region)
    return Fc3Functions(endpoint, credentials, settings.proxies)


def open_failed_events(settings: AliyunSettings, credentials: AliyunCredentials, queue: str) -> FailedEvents:
    """Open the queue of failed events in Simple Message Queue. Misconfigured without the account's id."""
    from imagelabels.providers.aliyun.smq.client import Smq
    from imagelabels.providers.aliyun.smq.failed_events import SmqFailedEvents

    return SmqFailedEvents(Smq(settings.address_smq, credentials, proxies=settings.proxies), queue)


def open_projects(settings: AliyunSettings, credentials: AliyunCredentials) -> ImmProjects:
    """Open what tells of IMM's projects, and which of them buckets are bound to."""
    with standing_in(*UNUSED_BY_IMM):
        from imagelabels.providers.aliyun.imm.projects import ImmProjects

    return ImmProjects(settings.endpoint_imm, credentials, settings.proxies)


def check_imm(settings: AliyunSettings, credentials: AliyunCredentials) -> None:
    """Refuse the name of an IMM project that is not there. Nothing is known where IMM does not say, for example because
    the keys may call the detector and not GetProject."""
    projects = open_projects(settings, credentials)
    try:
        is_there = projects.exists(settings.imm_project)
    except LabelingError:
        return
    finally:
        projects.close()
    if not is_there:
        raise Misconfigured(
            f"IMAGELABELS_IMM_PROJECT: there is no IMM project {settings.imm_project!r} at {settings.endpoint_imm}: "
            "correct the name, or the region (FC_REGION), which must be that of the bucket",
            "detector_unbound",
        )


def index_state(settings: AliyunSettings, credentials: AliyunCredentials, instance: str) -> IndexState:
    """Say how the index in that instance stands, and change nothing."""
    opened = open_instance(settings, credentials, instance)
    from imagelabels.providers.aliyun.tablestore import index_setup

    return index_setup.state(opened)


def index_refusals(
    settings: AliyunSettings, credentials: AliyunCredentials, instance: str, name: str
) -> list[LabelingError]:
    """Try each call of the ledger on rows with this name, of which there must be none, and return what was refused."""
    opened = open_instance(settings, credentials, instance)
    from imagelabels.providers.aliyun.tablestore import permissions

    return permissions.refusals(opened, name)
