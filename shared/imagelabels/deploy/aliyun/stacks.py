"""This module finds, makes, changes and deletes stacks of Resource Orchestration Service (ROS)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alibabacloud_ros20190910 import models
from alibabacloud_ros20190910.client import Client

from imagelabels.deploy.aliyun.calls import CONNECTIONS, answered, calling, runtime
from imagelabels.deploy.aliyun.parameters import MARK
from imagelabels.deploy.progress import CallFailed
from imagelabels.providers.aliyun import openapi
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.settings import AliyunSettings

ENDPOINT = "https://ros.aliyuncs.com"
"""ROS answers here for every region: https://www.alibabacloud.com/help/en/ros/developer-reference/endpoint."""

PAUSE = 5.0
WAITS = 840
"""A stack is looked at this often, PAUSE seconds apart. ROS itself gives up after 60 minutes."""

DONE = frozenset(f"{word}_COMPLETE" for word in ("CREATE", "UPDATE", "CHECK", "IMPORT_CREATE", "IMPORT_UPDATE"))
UPDATABLE = DONE | {"UPDATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CHECK_FAILED", "IMPORT_UPDATE_FAILED"}
"""A stack in another final state is made half:
https://www.alibabacloud.com/help/en/ros/user-guide/create-a-change-set."""

_SHOWN_FAILURES = 5


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as it is now."""

    id: str
    status: str
    reason: str
    description: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Tell whether the stack was made from our template."""
        return self.description.startswith(MARK)

    @property
    def is_busy(self) -> bool:
        """Tell whether ROS works on the stack at the moment."""
        return self.status.endswith("_IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class Change:
    """What an update would do to a resource: Add, Modify, Remove, or Replace, which is to remove and add it."""

    resource: str
    kind: str
    action: str


class Stacks:
    """The stacks of one region. `say` gets a line whenever the state of a stack that is waited for changes."""

    def __init__(
        self,
        settings: AliyunSettings,
        credentials: AliyunCredentials,
        say: Callable[[str], None],
        endpoint: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._region, self._endpoint, self._say, self._sleep = settings.region, endpoint or ENDPOINT, say, sleep
        self._client: Any
        self._client, self._session = openapi.opened(Client, self._endpoint, credentials, CONNECTIONS, settings.proxies)

    def close(self) -> None:
        self._session.close()

    def find(self, name: str) -> Stack | None:
        """Return the stack of that name; None if there is none any more."""
        request = models.ListStacksRequest(region_id=self._region, stack_name=[name], page_size=50)
        with calling("ros:ListStacks", self._endpoint):
            body = self._client.list_stacks_with_options(request, runtime()).body
        listed = answered(body, "ros:ListStacks", ("total_count", int)).stacks or []
        # A deleted stack is listed for a while, and its name is free again.
        ids = [stack.stack_id for stack in listed if stack.stack_name == name and stack.status != "DELETE_COMPLETE"]
        return self.get(ids[0]) if ids else None

    def get(self, stack_id: str) -> Stack | None:
        """Return the stack with that id; None if there is none any more."""
        request = models.GetStackRequest(region_id=self._region, stack_id=stack_id)
        try:
            with calling("ros:GetStack", self._endpoint):
                body = self._client.get_stack_with_options(request, runtime()).body
        except CallFailed as error:
            if error.code == "StackNotFound":
                return None
            raise
        answered(body, "ros:GetStack", ("stack_id", str), ("status", str))
        return Stack(
            body.stack_id,
            body.status,
            str(body.status_reason or ""),
            str(body.description or body.template_description or ""),
            {parameter.parameter_key: parameter.parameter_value for parameter in body.parameters or []},
            {str(output.get("OutputKey")): str(output.get("OutputValue")) for output in body.outputs or [] if output},
        )

    def create(self, name: str, template: str, values: Mapping[str, str]) -> str:
        """Begin to make a stack, and return its id."""
        request = models.CreateStackRequest(
            region_id=self._region,
            stack_name=name,
            template_body=template,
            parameters=_pairs(models.CreateStackRequestParameters, values),
        )
        with calling("ros:CreateStack", self._endpoint):
            body = self._client.create_stack_with_options(request, runtime()).body
        return str(answered(body, "ros:CreateStack", ("stack_id", str)).stack_id)

    def update(self, stack: Stack, template: str, values: Mapping[str, str]) -> bool:
        """Begin to change a stack; return whether there is anything to change."""
        request = models.UpdateStackRequest(
            region_id=self._region,
            stack_id=stack.id,
            template_body=template,
            parameters=_pairs(models.UpdateStackRequestParameters, values),
            # A layer's code cannot be changed in place, so a new version needs a new layer:
            # https://www.alibabacloud.com/help/en/ros/developer-reference/aliyun-fc3-layerversion.
            # Unproven replaced-search-index: ROS makes the search index anew where its fields have changed.
            # Why: the page of ALIYUN::OTS::SearchIndex says that its fields cannot be changed in place, and no page
            #   says what a replacement does whose name is taken, while the template says DeletionPolicy Retain.
            # Ask: UpdateStack with a field more in FieldSchemas and ReplacementOption Enabled: whether it fails, and
            #   with which reason.
            replacement_option="Enabled",
        )
        try:
            with calling("ros:UpdateStack", self._endpoint):
                self._client.update_stack_with_options(request, runtime())
        except CallFailed as error:
            if error.code == "NotSupported" and "completely same stack" in str(error):
                return False
            raise
        return True

    def preview(self, name: str, stack: Stack | None, template: str, values: Mapping[str, str]) -> list[Change]:
        """Return what would become of each resource. Nothing is made, and nothing is billed."""
        request = models.PreviewStackRequest(
            region_id=self._region,
            stack_name=None if stack else name,
            stack_id=stack.id if stack else None,
            template_body=template,
            parameters=_pairs(models.PreviewStackRequestParameters, values),
        )
        with calling("ros:PreviewStack", self._endpoint):
            body = self._client.preview_stack_with_options(request, runtime()).body
        previewed = answered(body, "ros:PreviewStack").stack
        resources = previewed.resources or [] if previewed is not None else []
        return [
            Change(resource.logical_resource_id, resource.resource_type, _action(resource)) for resource in resources
        ]

    def delete(self, stack: Stack) -> None:
        """Begin to delete a stack with its resources, except those that the template retains."""
        request = models.DeleteStackRequest(region_id=self._region, stack_id=stack.id)
        with calling("ros:DeleteStack", self._endpoint):
            self._client.delete_stack_with_options(request, runtime())

    def settled(self, stack_id: str) -> Stack | None:
        """Wait until ROS has finished with a stack, and return the stack; None if it is gone."""
        shown = ""
        for _ in range(WAITS):
            stack = self.get(stack_id)
            if stack is None or stack.status == "DELETE_COMPLETE":
                return None
            if not stack.is_busy:
                return stack
            if stack.status != shown:
                self._say(f"    {stack.status}")
                shown = stack.status
            self._sleep(PAUSE)
        raise CallFailed("not ready", f"the stack is still {shown} after {WAITS * PAUSE / 60:g} minutes")

    def failures(self, stack: Stack) -> list[str]:
        """Return what failed last in a stack: time, resource and reason."""
        failed = ["CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"]
        request = models.ListStackEventsRequest(
            region_id=self._region, stack_id=stack.id, status=failed, page_size=50, page_number=1
        )
        with calling("ros:ListStackEvents", self._endpoint):
            body = self._client.list_stack_events_with_options(request, runtime()).body
        events = answered(body, "ros:ListStackEvents").events or []
        newest = sorted(events, key=lambda event: str(event.create_time), reverse=True)
        ours = [event for event in newest if event.resource_type != "ALIYUN::ROS::Stack"]
        return [
            f"{event.create_time} {event.logical_resource_id}: {event.status}: {event.status_reason}"
            for event in ours[:_SHOWN_FAILURES]
        ]


def _pairs(kind: Any, values: Mapping[str, str]) -> list[Any]:
    return [kind(parameter_key=name, parameter_value=value) for name, value in values.items()]


def _action(resource: Any) -> str:
    """Return the word for a change; PreviewStack tells of a replacement beside the word."""
    replaced = resource.action == "Modify" and resource.replacement == "True"
    return "Replace" if replaced else str(resource.action or "Add")
