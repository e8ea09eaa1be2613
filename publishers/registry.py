"""The publisher plugins that are installed, those of this tree (``publishers.platforms``) and others."""

import logging
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cms.refusals import Refused
from publishers import transports
from publishers.http.outbound import scrub
from publishers.interface import API, VERSION, Platform, Publisher, bounds
from publishers.transports import OverTransport

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

GROUP = "nusheng_hub.publishers"
#: Whose signal handlers raise SystemExit where a worker is, to end it.
WORKERS = frozenset({"billiard", "celery", "gunicorn"})
#: As much of a plugin's own error as a sentence holds.
ERROR_CHARS = 200

log = logging.getLogger(__name__)
_publishers: dict[str, Publisher] = {}
_over: dict[tuple[str, str], OverTransport] = {}
_broken: "list[Broken]" = []


class NotInstalled(Refused):
    """No plugin that works is there for an account's platform."""


class Unfit(Exception):
    """A plugin does not fit this hub. ``wrong`` says why and what to do, in the reader's language."""

    def __init__(self, wrong: "StrPromise", **values: object):
        super().__init__(wrong)
        self.wrong, self.values = wrong, values


@dataclass(frozen=True)
class Broken:
    """A plugin of another distribution that cannot be used; the hub works without it.

    ``slug`` is the platform's as far as it is known: by convention the entry point has its name.
    """

    distribution: str
    slug: str
    wrong: "StrPromise"
    values: dict[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Return which plugin it is, what is wrong and what to do."""
        told = _("The plugin {plugin} of {distribution} does not work: {wrong}")
        wrong = str(self.wrong).format(**self.values)
        return str(told).format(plugin=self.slug, distribution=self.distribution, wrong=wrong)


def register(publisher: Publisher) -> None:
    """Make ``publisher`` known under its platform's slug. Raises Unfit."""
    if not isinstance(publisher, Publisher) or not isinstance(getattr(publisher, "platform", None), Platform):
        raise Unfit(
            _("it is no Publisher with a Platform ({found}). Tell its author, or uninstall it."),
            found=type(publisher).__name__,
        )
    if publisher.interface > VERSION:
        raise Unfit(
            _(
                "it needs version {wanted} of the interface, and this hub has {known}. Update the hub, or "
                "install an older version of the plugin."
            ),
            wanted=publisher.interface,
            known=VERSION,
        )
    unfit = bounds.wrong(publisher.platform)
    if unfit is not None:
        field, value = unfit
        raise Unfit(
            _("it declares {field} as {found}, which the interface does not allow. Tell its author."),
            field=field,
            found=scrub(repr(value))[:ERROR_CHARS],
        )
    slug = publisher.platform.slug
    if slug in _publishers:
        raise Unfit(
            _("another plugin for {slug} is installed, which is used. Uninstall one of the two."), slug=slug
        )
    made = {
        (slug, way): transports.over(publisher, way) for way in publisher.platform.transports if way != API
    }
    _publishers[slug] = publisher
    _over.update(made)


def get(slug: str, transport: str = API) -> Publisher:
    """Return the publisher that carries articles to the platform over ``transport``.

    Raises NotInstalled when there is none. The platform's own plugin is the one for "api"; what its
    ``platform`` declares of abilities, credentials and steps is another thing over each transport.
    """
    publisher = find(slug, transport)
    if publisher is None:
        raise NotInstalled(why_missing(slug))
    return publisher


def find(slug: str, transport: str = API) -> Publisher | None:
    """Return what ``get`` does; None where it is not installed: rows of its accounts outlive a plugin."""
    publisher = _publishers.get(slug)
    if publisher is None or transport == API:
        return publisher
    key = (slug, transport)
    if key not in _over or _over[key].of is not publisher:
        _over[key] = transports.over(publisher, transport)
    return _over[key]


def why_missing(slug: str) -> str:
    """Return why the platform has no plugin that works, and what to do; empty: it has one."""
    if slug in _publishers:
        return ""
    told = [each.sentence for each in _broken if each.slug == slug]
    missing = _("No plugin for {platform} is installed: install it and restart the hub.")
    return told[0] if told else str(missing).format(platform=slug)


def ends_process(error: BaseException) -> bool:
    """Return whether ``error`` is the end of this process: Ctrl-C, or what a worker's signal handler raised.

    A plugin that leaves (``sys.exit``) is one that does not work, and ends no process.
    """
    if isinstance(error, SystemExit):
        raised_in = [
            str(frame.f_globals.get("__name__")) for frame, _line in traceback.walk_tb(error.__traceback__)
        ]
        return bool(raised_in) and raised_in[-1].partition(".")[0] in WORKERS
    return isinstance(error, KeyboardInterrupt)


def all_publishers() -> list[Publisher]:
    return list(_publishers.values())


def broken() -> list[Broken]:
    """Return the installed plugins that cannot be used."""
    return list(_broken)


def all_transports() -> list[tuple[str, str]]:
    """Return (slug, transport) for each transport to each platform."""
    platforms = [publisher.platform for publisher in all_publishers()]
    return [(platform.slug, each) for platform in platforms for each in platform.transports]


def load(built_in: Iterable[type[Publisher]]) -> None:
    """Register these publishers and those of other distributions, once, when the app starts.

    One of another distribution that does not work stops nothing: it is kept among ``broken``.
    """
    for kind in built_in:
        register(kind())
    # In an order that every process finds: of two that claim one platform, all use the same.
    for entry in sorted(entry_points(group=GROUP), key=lambda each: (_distribution(each), each.name)):
        slug = entry.name
        try:
            made = entry.load()()
            told = getattr(getattr(made, "platform", None), "slug", slug)
            slug = told if isinstance(told, str) else slug
            register(made)
        except Unfit as error:
            _put_aside(Broken(_distribution(entry), slug, error.wrong, error.values), error)
        except BaseException as error:
            if ends_process(error):
                raise
            wrong = _("it cannot be loaded ({error}). Install a version that fits this hub, or uninstall it.")
            # Not str(): an error of somebody else's may fail at that, too.
            said = "".join(traceback.format_exception_only(error))
            told = scrub(" ".join(said.split()))[:ERROR_CHARS]
            _put_aside(Broken(_distribution(entry), slug, wrong, {"error": told}), error)


def _put_aside(plugin: Broken, error: BaseException) -> None:
    _broken.append(plugin)
    log.warning(plugin.sentence)
    log.debug("Where it fails:", exc_info=error)


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
