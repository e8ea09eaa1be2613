"""Addresses of the micro-site. Nothing here reads what an article says from a page."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms import signing
from cms.releases import withdrawals
from readers.site import lists
from readers.site.responses import page, stored
from readers.snapshots import current


@require_safe
def article(request: HttpRequest, page_id: int) -> HttpResponse:
    found = current.current(page_id, "html")
    if found is None:
        return _withdrawn(page_id)
    return stored(request, found, "text/html; charset=utf-8")


def _withdrawn(page_id: int) -> HttpResponse:
    """Tell the reader that the article was withdrawn. Raises Http404 when it was not."""
    withdrawal = withdrawals.of_page(page_id)
    if withdrawal is None:
        raise Http404
    return _page("site/withdrawn.html", status=410, withdrawal=withdrawal)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _page("site/home.html", front=lists.front())


@require_safe
def section(request: HttpRequest, section_id: int) -> HttpResponse:
    found, office, items = lists.section(section_id, request.GET.get("page", "1"))
    return _page("site/section.html", section=found, office=office, items=items)


@require_safe
def office(request: HttpRequest, code: str) -> HttpResponse:
    found, sections, items = lists.office(code, request.GET.get("page", "1"))
    return _page("site/office.html", office=found, sections=sections, items=items)


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Show the public half of every key that the hub ever signed with, and what to do with it."""
    response = JsonResponse(
        {
            "keys": signing.public_keys(),
            "how_to_verify": _(
                "Take “proof” from the article's answer of the content interface. Its “statement”, as "
                "RFC 8785 bytes, is what “signature” (Ed25519, base64) was made over with the key of that "
                "“key_id”. The SHA-256 of “document”, as RFC 8785 bytes, must be the statement's "
                "“document_sha256”."
            ),
        },
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    patch_cache_control(response, public=True, max_age=3600)
    return response


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; whether the hub can do its work, /readyz says."""
    return JsonResponse({"status": "ok"})


def _page(template: str, status: int = 200, **context: object) -> HttpResponse:
    html = render_to_string(template, {"site_name": settings.WAGTAIL_SITE_NAME, **context})
    return page(html, status)
