"""What the editor learns while she writes: lengths as they are sent, shorter titles, what a machine notices.

Asked for after each automatic saving, so that it speaks of what is saved and costs nothing while she types.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST
from wagtail.admin.panels import Panel
from wagtail.models import Page

from cms import channels
from cms.channels import Channel
from cms.checks import proofreading, suggestions
from cms.checks.proofreading import Note
from cms.document.build import Built, Unbuildable, build
from cms.document.model import Paragraph, VariantText
from cms.models import Office
from cms.refusals import Refused
from cms.review.status import reviews_for

PARAGRAPHS = 3  # of whose sentences a digest may be made
LONGEST = 2000  # characters of one text that is looked at


class FittingPanel(Panel):
    """Above the text: what is to be noticed of it, empty while there is nothing (``fitting.js``)."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/editor/fitting.html"


def fitting(request: HttpRequest, page_id: int) -> JsonResponse:
    """Answer about the newest revision to whoever may edit or review the page. Raises PermissionDenied."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not hasattr(page, "kind"):
        raise PermissionDenied
    if not (page.permissions_for_user(request.user).can_edit() or reviews_for(request.user, page)):
        raise PermissionDenied
    draft = page.get_latest_revision_as_object()
    try:
        built = build(draft)
    except (Unbuildable, Office.DoesNotExist):
        built = None
    lengths, failed = _lengths(built) if built else ([], [])
    notes = list(dict.fromkeys([*proofreading.notes(draft, built), *map(Note, failed)]))
    context = {"notes": notes, "lengths": lengths}
    return JsonResponse(
        {
            "notes": render_to_string("cms/editor/notes.html", context, request=request),
            "lengths": {length["slug"]: length for length in lengths},
            "paragraphs": _paragraphs(built) if built else [],
        }
    )


@require_POST
def shorter(request: HttpRequest) -> JsonResponse:
    """Answer with titles or digests that fit a channel, made of the words that were sent; nothing is kept."""
    try:
        channel = channels.get(request.POST.get("channel", ""))
    except KeyError as error:
        raise Http404 from error
    texts = [text[:LONGEST] for text in request.POST.getlist("text")[: PARAGRAPHS + 1]]
    bounds = channel.limits
    if request.POST.get("field") == "digest":
        limit, made = bounds.digest_chars, lambda limit: suggestions.digests(texts, limit, channel.count)
    else:
        limit, made = bounds.title_chars, lambda limit: _titles(texts, limit, channel)
    try:
        texts_that_fit = made(limit) if limit is not None else []
    except Refused:  # said with the notes
        texts_that_fit = []
    return JsonResponse({"texts": texts_that_fit})


def _titles(texts: list[str], limit: int, channel: Channel) -> list[str]:
    return suggestions.titles(" ".join(texts).strip(), limit, channel.count, channel.limits.title_chars_min)


def _lengths(built: Built) -> tuple[list[dict[str, str | bool]], list[str]]:
    """Return how long the article is on each channel that has a limit for it, and why some cannot tell."""
    found: list[dict[str, str | bool]] = []
    failed = []
    for channel in channels.all_channels():
        if (limit := channel.limits.body_chars) is not None:
            try:
                length = channel.body_length(built.document, built.variants.get(channel.slug, VariantText()))
            except Refused as refusal:
                failed.append(refusal.sentence)
                continue
            known = {"slug": channel.slug, "name": channel.name}
            found.append({**known, "length": f"{length:,}", "limit": f"{limit:,}", "over": length > limit})
    return found, failed


def _paragraphs(built: Built) -> list[str]:
    paragraphs = [block for block in built.document.blocks() if isinstance(block, Paragraph)]
    return ["".join(span.text for span in paragraph.spans) for paragraph in paragraphs[:PARAGRAPHS]]
