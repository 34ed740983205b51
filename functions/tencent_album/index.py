"""Translates a request that reaches a function URL, lets the API or the page answer it, and translates the answer."""

from typing import Any

from imagelabels.api import opened
from imagelabels.page.site import page_of_function
from imagelabels.providers.tencent import http


def main_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """SCF calls this for every request to the function's URL."""
    return http.response(opened.answer("cos", page_of_function, http.request(event, context)))
