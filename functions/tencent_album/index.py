"""Translates a request that reaches a function URL, lets the API answer it, and translates the answer."""

from typing import Any

from imagelabels.api import opened
from imagelabels.providers.tencent import http


def main_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """SCF calls this for every request to the function's URL."""
    return http.response(opened.function("cos", {}).whole(http.request(event, context)))
