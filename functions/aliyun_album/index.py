"""Translates a request that reaches an HTTP trigger, lets the API or the page answer it, and translates the answer."""

from typing import Any

from imagelabels.api import opened
from imagelabels.page.site import page_of_function
from imagelabels.providers.aliyun import http


def handler(event: bytes, context: Any) -> dict[str, Any]:
    """Function Compute calls this for every request to the function's HTTP trigger."""
    return http.response(opened.answer("oss", page_of_function, http.request(event), context))
