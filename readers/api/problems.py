"""One shape for every error under the API's address (RFC 9457), also for those that Django answers itself."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from wagtail.api.v3.errors import PROBLEM_JSON, problem_response

#: Headers that say what to do next.
KEPT = {"Allow", "Retry-After"}


class ProblemsOnly:
    """Middleware: an address that is none, a method that is not allowed, a fault of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or response.get("Content-Type") == PROBLEM_JSON:
            return response
        if not request.path.startswith(reverse("content_api:api-root")):
            return response
        problem = problem_response(status=response.status_code)
        for name in KEPT & set(response.headers):
            problem[name] = response[name]
        return problem
