"""Composing an edition: which signed texts go out together on one account, in which order.

The order is what the form says: a list of ids. Buttons and dragging change that list and nothing else, until
the edition is sent; whatever the list holds is looked at again each time.
"""

import dataclasses
import json
import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms import releases as signed
from cms.document.model import Cover, VariantText
from cms.media import blobs, scaling
from cms.models import Release
from cms.refusals import Refused
from publishers import distribution, registry
from publishers.asking import PluginFails, ask
from publishers.desk.access import ForRoles, roles_of
from publishers.desk.forms import LATER, WhenForm
from publishers.desk.texts import newest
from publishers.desk.words import titles
from publishers.distribution import editions
from publishers.exports import reports
from publishers.interface import Publisher, Rejected
from publishers.models import Account, Delivery, DeliveryItem
from publishers.people import permissions
from publishers.people.refusals import Alike, PerhapsThere
from publishers.rendering import cover_of, text_of

OFFERED = 12  # texts in the list to choose from; the search finds the others
COVER_WIDTH = 720


def edition_accounts(user) -> list[Account]:
    """Return the accounts that take several articles together and that the person may send to."""
    rows = permissions.sendable_accounts(user).select_related("office").order_by("platform", "name")
    return [account for account in rows if editions.size_on(account) > 1]


class EditionsView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """Asks for the account, unless there is only one."""

    roles = permissions.SENDING
    template_name = "publishers/desk/editions.html"
    page_title = gettext_lazy("Compose an edition")
    header_icon = "order"

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get(self, request, *args, **kwargs):
        self.accounts = edition_accounts(request.user)
        if len(self.accounts) == 1:
            return redirect(_with_choice(request, self.accounts[0]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        offered = [(account, _with_choice(self.request, account)) for account in self.accounts]
        return super().get_context_data(offered=offered, **kwargs)


def _with_choice(request, account: Account) -> str:
    chosen = [("release", text) for text in request.GET.getlist("release")]
    return reverse("hub_edition", args=[account.pk], query=chosen)


@dataclasses.dataclass(frozen=True)
class Article:
    """A Release as the platform will list it; ``problem`` says why it would be refused there."""

    release: Release
    title: str
    digest: str
    cover: Cover | None
    problem: str

    @property
    def focus(self) -> str:
        """Return the CSS position that keeps what matters of the cover in sight when it is cropped."""
        assert self.cover is not None  # it is asked of a cover that is shown
        focus = self.cover.focus
        return f"{focus.x / 10:g}% {focus.y / 10:g}%"


def article(release: Release, platform: str) -> Article:
    document = signed.document(release)
    variant = signed.variants(release).get(platform, VariantText())
    title, digest, _author = text_of(document, variant)
    problem = ""
    try:
        ask(registry.get(platform), Publisher.render, document, variant)
    except (Rejected, PluginFails) as refusal:
        problem = refusal.sentence
    return Article(release, title, digest, cover_of(document, variant), problem)


def arranged(order: Sequence[str], said, size: int) -> list[str]:
    """Return the ids in their new order, after the one button that was pressed ("add", "up" …)."""
    ids = list(dict.fromkeys(order))
    added = said.get("add")
    if added and added not in ids and len(ids) < size:
        ids.append(added)
    for name, by in (("up", -1), ("down", 1)):
        if (moved := said.get(name)) in ids:
            at = ids.index(moved)
            ids.insert(max(0, at + by), ids.pop(at))
    return [each for each in ids if each != said.get("remove")]


class ComposeView(ForRoles, WagtailAdminTemplateMixin, FormView):
    """A new edition on the account."""

    roles = permissions.SENDING
    form_class = WhenForm
    template_name = "publishers/desk/compose.html"
    header_icon = "order"
    delivery: Delivery | None = None
    doubt: Refused | None = None

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.ids: list[str] = []
        self.query = request.POST.get("q", "").strip()

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            self.account = self.get_account()
            self.size = editions.size_on(self.account)
        return super().dispatch(request, *args, **kwargs)

    def get_account(self) -> Account:
        accounts = permissions.visible_accounts(self.person)
        account = get_object_or_404(accounts, pk=self.kwargs["account"])
        if editions.size_on(account) < 2:
            raise Http404
        if not permissions.may_send(self.person, account):
            raise PermissionDenied
        return account

    def get_page_title(self):
        return _("Compose an edition")

    def get_breadcrumbs_items(self):
        board = {"url": reverse("hub_deliveries"), "label": _("Deliveries")}
        return [*self.breadcrumbs_items, board, {"url": "", "label": self.get_page_title()}]

    def get(self, request, *args, **kwargs):
        self.ids = self.first_ids()
        return super().get(request, *args, **kwargs)

    def first_ids(self) -> list[str]:
        return self.request.GET.getlist("release")[: self.size]

    def post(self, request, *args, **kwargs):
        self.ids = arranged(request.POST.getlist("release"), request.POST, self.size)
        if "send" in request.POST:
            return super().post(request, *args, **kwargs)
        form = WhenForm(initial={name: request.POST.get(name) for name in ("when", "at")})
        return self.render_to_response(self.get_context_data(form=form))

    @cached_property
    def chosen(self) -> list[uuid.UUID]:
        return list(dict.fromkeys(filter(None, map(_uuid, self.ids))))

    @cached_property
    def releases(self) -> list[Release]:
        """Return the chosen texts in order, without those that cannot go out (any more)."""
        found = {release.pk: release for release in self.sendable().filter(pk__in=self.chosen).defer(None)}
        return [found[pk] for pk in self.chosen if pk in found and signed.genuine(found[pk])]

    def sendable(self) -> QuerySet[Release]:
        return newest()

    def lost(self) -> list[str]:
        """Return the titles of chosen texts that are no longer among those that can go out."""
        lost = set(self.chosen) - {release.pk for release in self.releases}
        return list(Release.objects.filter(pk__in=lost).values_list("title", flat=True)) if lost else []

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            account=self.account,
            others=len(edition_accounts(self.person)) > 1 and not self.delivery,
            size=self.size,
            articles=[article(release, self.account.platform) for release in self.releases],
            lost=self.lost(),
            offered=self.offered() if len(self.releases) < self.size else [],
            q=self.query,
            perhaps_there=isinstance(self.doubt, PerhapsThere),
            like=self.doubt if isinstance(self.doubt, Alike) else None,
            given={name for name in ("again", "alike") if self.request.POST.get(name)},
            delivery=self.delivery,
            **kwargs,
        )

    def offered(self) -> list[Release]:
        """Return texts that could be added: not on the account, nor on their way there."""
        rows = self.sendable().exclude(Exists(self.taken())).exclude(pk__in=self.chosen).defer(None)
        found = rows.filter(title__icontains=self.query).order_by("-signed_at")[:OFFERED]
        return [release for release in found if signed.genuine(release)]

    def taken(self) -> QuerySet[DeliveryItem]:
        return DeliveryItem.objects.filter(release=OuterRef("pk"), account=self.account, wanted=True)

    def form_valid(self, form):
        if self.lost():
            return self.form_invalid(form)
        try:
            delivery = self.send(**{name: form.cleaned_data[name] for name in ("at", "again", "alike")})
        except Refused as refusal:
            self.doubt = refusal
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return redirect("hub_delivery", delivery.pk)

    def send(self, **given) -> Delivery:
        if not self.releases:
            raise Refused(_("Choose at least one text first."))
        [delivery] = distribution.distribute(self.releases, [self.account], **given, by=self.person)
        messages.success(self.request, _("The edition is on its way."))
        return delivery


class RecomposeView(ComposeView):
    """An edition that is scheduled and has not begun."""

    delivery: Delivery

    def get_account(self) -> Account:
        seen = reports.complete(permissions.visible_deliveries(self.person))
        self.delivery = get_object_or_404(seen, pk=self.kwargs["pk"])
        if not permissions.may_send(self.person, self.delivery.account):
            raise PermissionDenied
        return self.delivery.account

    def get_page_title(self):
        return _("Compose the edition anew")

    def get_breadcrumbs_items(self):
        *above, here = super().get_breadcrumbs_items()
        own = {"url": reverse("hub_delivery", args=[self.delivery.pk]), "label": titles(self.delivery)}
        return [*above, own, here]

    def get(self, request, *args, **kwargs):
        if not editions.may_be_recomposed(self.delivery):
            messages.warning(
                request, _("Only an edition that is scheduled and has not begun can be composed anew.")
            )
            return redirect("hub_delivery", self.delivery.pk)
        return super().get(request, *args, **kwargs)

    def first_ids(self) -> list[str]:
        return [str(item.release_id) for item in self.delivery.items.all()]

    def get_initial(self):
        return {"when": LATER, "at": self.delivery.due_at}

    def sendable(self):
        """Return also what it holds although a newer text of the page exists."""
        own = [item.release_id for item in self.delivery.items.all()]
        return Release.objects.filter(Q(pk__in=own) | Q(pk__in=newest().values("pk"))).defer(*reports.LARGE)

    def taken(self):
        return super().taken().exclude(delivery=self.delivery)

    def send(self, **given):
        editions.recompose(self.delivery, self.releases, **given, by=self.person)
        messages.success(self.request, _("The edition is composed anew."))
        return self.delivery


def show_cover(request, pk: uuid.UUID, sha256: str) -> FileResponse:
    """Show a picture of a signed text, public or not yet, to whoever may send it."""
    if not roles_of(request).intersection(permissions.SENDING):
        raise PermissionDenied
    release = get_object_or_404(Release.objects.only("assets"), pk=pk)
    if sha256 not in json.loads(bytes(release.assets)):
        raise Http404
    try:
        picture = scaling.scaled(sha256, COVER_WIDTH, "webp")
    except blobs.Damaged as error:
        raise Http404 from error
    return FileResponse(picture, content_type="image/webp")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
