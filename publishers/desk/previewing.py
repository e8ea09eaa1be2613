"""How an article of a delivery looks on its platform, in the account's theme or in another."""

import json

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms import releases
from cms.document.model import VariantText
from cms.media import blobs, scaling
from publishers import registry
from publishers.asking import PluginFails, ask
from publishers.desk.access import ForRoles, person_of
from publishers.interface import Platform, Publisher, Rejected
from publishers.models import DeliveryItem
from publishers.people import permissions
from publishers.rendering import fill

WIDTH = 1080  # pixels: a phone of 390 at its real density


class PreviewView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """The article in a frame, with the platform's themes to look at; looking at one changes nothing."""

    roles = permissions.SEEING
    template_name = "publishers/desk/preview.html"
    page_title = gettext_lazy("As readers there will see it")
    header_icon = "view"

    def dispatch(self, request, *args, **kwargs):
        self.item = _item(request, kwargs["pk"], kwargs["item"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self):
        return self.item.release.title

    def get_breadcrumbs_items(self):
        delivery = {"url": reverse("hub_delivery", args=[self.item.delivery_id]), "label": _("Delivery")}
        return [*self.breadcrumbs_items, delivery, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        publisher = registry.find(self.item.delivery.account.platform)
        themes = publisher.platform.themes if publisher else {}
        own = _theme(themes, self.item.delivery.account.theme)
        shown = _theme(themes, self.request.GET.get("theme", own))
        choices = [{"slug": slug, "name": name, "own": slug == own} for slug, name in themes.items()]
        return super().get_context_data(**{**kwargs, "item": self.item, "themes": choices, "shown": shown})


@xframe_options_sameorigin
def preview_frame(request: HttpRequest, pk, item: int) -> HttpResponse:
    """Answer with the platform's page itself; ``theme`` of the query as in ``PreviewView``."""
    row = _item(request, pk, item)
    account = row.delivery.account
    publisher = registry.find(account.platform)
    if publisher is None:
        return _refused({"name": account.platform}, registry.why_missing(account.platform))
    theme = _theme(publisher.platform.themes, request.GET.get("theme", account.theme))
    try:
        document = releases.document(row.release)
        variant = releases.variants(row.release).get(account.platform, VariantText())
        rendition = ask(publisher, Publisher.render, document, variant, theme)
        page = ask(publisher, Publisher.preview, rendition, account.name)
    except (Rejected, PluginFails) as refusal:
        return _refused(publisher.platform, refusal.sentence)
    except releases.Forged as error:
        raise Http404 from error
    addressed = fill(page, lambda sha256: reverse("hub_preview_part", args=[pk, item, sha256]))
    return HttpResponse(addressed.replace("source:", "#"))


def _refused(channel: Platform | dict[str, str], reason: str) -> HttpResponse:
    context = {"channel": channel, "reason": reason}
    return HttpResponse(render_to_string("publishers/preview_refused.html", context))


def preview_part(request: HttpRequest, pk, item: int, sha256: str) -> FileResponse:
    """Show a picture of the signed text, public or not yet."""
    row = _item(request, pk, item)
    if sha256 not in json.loads(bytes(row.release.assets)):
        raise Http404
    try:
        picture = scaling.scaled(sha256, WIDTH, "webp")
    except blobs.Damaged as error:
        raise Http404 from error
    return FileResponse(picture, content_type="image/webp")


def _item(request: HttpRequest, pk, item: int) -> DeliveryItem:
    """Return the item of a delivery that the person may see. Raises Http404."""
    rows = DeliveryItem.objects.select_related("release", "delivery__account")
    return get_object_or_404(
        rows, pk=item, delivery__in=permissions.visible_deliveries(person_of(request)).filter(pk=pk)
    )


def _theme(themes, wanted: str) -> str:
    return wanted if wanted in themes else next(iter(themes), "")
