"""The "read the original" links in articles on platforms."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from publishers.links import article_path
from publishers.models import SourceLink, SourceVisits


@require_safe
@never_cache
def follow_source(request: HttpRequest, token: str) -> HttpResponseRedirect:
    """Send the reader to the article and count one more for today; nothing else is kept."""
    link = get_object_or_404(SourceLink.objects.select_related("item__release"), token=token)
    if request.method == "GET":
        _count(link)
    return HttpResponseRedirect(article_path(link.item.release.page_id))


def _count(link: SourceLink) -> None:
    today = SourceVisits.objects.filter(link=link, day=timezone.localdate())
    if not today.update(count=F("count") + 1):
        try:
            with transaction.atomic():
                SourceVisits.objects.create(link=link, day=timezone.localdate(), count=1)
        except IntegrityError:  # another reader was first
            today.update(count=F("count") + 1)
