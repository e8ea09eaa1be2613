"""Refusals: one sentence for a person, never a server error."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from wagtail.admin import messages


class Refused(Exception):
    """What was asked cannot be done. The message is a translated sentence that says why and what to do.

    The base of every such error; nothing has changed when it is raised.
    """

    @property
    def sentence(self) -> str:
        return str(self.args[0])


class InReview(Refused, PermissionDenied):
    """The text is in review and does not change. Wagtail's editor shows a PermissionDenied's message."""


def check_fields(row: Model, *names: str) -> None:
    """Refuse what one of the fields cannot hold, which a form would have said and SQLite does not mind."""
    fields = {field.name: field for field in row._meta.fields}
    try:
        row.clean_fields(exclude=fields.keys() - set(names))
    except ValidationError as error:
        name, problems = next(iter(error.message_dict.items()))
        sentence = _("{field}: {problem}")
        raise Refused(sentence.format(field=fields[name].verbose_name, problem=" ".join(problems))) from None


class RefusalsBecomeMessages:
    """Middleware: answer a Refused with its sentence, on the page that the person came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if "application/json" in request.headers.get("accept", ""):
            refusal = {"success": False, "error_code": "refused", "error_message": exception.sentence}
            return JsonResponse(refusal, status=400)
        messages.error(request, exception.sentence)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # What Wagtail's dialogs understand: close, and load that page, where the message is shown.
            return JsonResponse({"step": "success", "redirect": _back(request)})
        return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    for url in (request.POST.get("next"), request.headers.get("referer")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
            return url
    return reverse("wagtailadmin_home")
