"""A delivery by hand on the desk: what a person copies, saves and downloads."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.refusals import Refused
from publishers import registry
from publishers.desk.words import titles
from publishers.engine.outcomes import Forged
from publishers.exports import package
from publishers.interface import Rejected
from publishers.manual import handing
from publishers.manual.handing import Handed, PictureFile
from publishers.models import Account, Delivery
from publishers.people import permissions


@dataclass(frozen=True)
class Copied:
    """One article as the task shows it; ``text`` is the body without markup."""

    handed: Handed
    text: str
    pictures: list[tuple[str, str]]  # (what it is, where it is downloaded)


@dataclass(frozen=True)
class Task:
    """What a person publishes; ``problem`` says in one sentence why there is nothing."""

    articles: list[Copied]
    problem: str = ""


def task_of(delivery: Delivery) -> Task:
    try:
        return Task([_copied(delivery, each) for each in handing.handed(delivery)])
    except Refused as refusal:
        return Task([], str(refusal))


def console_of(account: Account) -> str:
    """Return where the account's articles are made; empty when its sheet names no place.

    Empty also for an account elsewhere than on the platform itself, as in the sandbox.
    """
    publisher = registry.find(account.platform)
    if publisher is None:
        return ""
    elsewhere = account.base_url and account.base_url.rstrip("/") != publisher.platform.base_url.rstrip("/")
    return "" if elsewhere else publisher.platform.console


def _copied(delivery: Delivery, each: Handed) -> Copied:
    pictures = [(label, _address(delivery, each, file)) for label, file in _named(each)]
    return Copied(each, package.body_text(each), pictures)


def _named(each: Handed) -> Iterator[tuple[str, PictureFile]]:
    for file in each.covers:
        assert file.shape is not None  # as every cover's is
        width, height = file.shape
        yield _("Cover {width} × {height}").format(width=width, height=height), file
    for number, file in enumerate(each.pictures, start=1):
        yield _("Picture {number}").format(number=number), file


def _address(delivery: Delivery, each: Handed, file: PictureFile) -> str:
    return reverse("hub_handed_picture", args=[delivery.pk, each.row.position, file.stem])


@require_safe
def download_package(request, pk) -> HttpResponse | FileResponse:
    """Send the delivery's package to whoever may send to its account."""
    delivery = _required(request, pk)
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        package.write(delivery, file)
    except (Refused, Rejected, Forged) as problem:
        file.close()
        messages.error(request, str(problem))
        return redirect("hub_delivery", pk)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=package.file_name(delivery, titles(delivery)))


@require_safe
def download_picture(request, pk, position: int, stem: str) -> HttpResponse:
    """Send one picture of the delivery in the platform's size and format."""
    delivery = _required(request, pk)
    try:
        articles = handing.handed(delivery)
        files = [
            file
            for each in articles
            if each.row.position == position
            for file in (*each.covers, *each.pictures)
            if file.stem == stem
        ]
        if not files:
            raise Http404
        content = files[0].make()
    except (Refused, Rejected, Forged) as problem:
        messages.error(request, str(problem))
        return redirect("hub_delivery", pk)
    kind = package.ending(content)
    response = HttpResponse(content, content_type=f"image/{'jpeg' if kind == 'jpg' else kind}")
    response["Content-Disposition"] = f'attachment; filename="{stem}.{kind}"'
    return response


def _required(request, pk) -> Delivery:
    delivery = get_object_or_404(
        permissions.visible_deliveries(request.user).prefetch_related("items__release"), pk=pk
    )
    if not permissions.may_send(request.user, delivery.account):
        raise PermissionDenied
    return delivery
