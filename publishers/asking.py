"""What a plugin is asked outside a delivery's run: it answers as the interface says, or a sentence names it.

A run writes down whatever goes wrong in it. A screen, a command or a callback has nobody who would, so there
a plugin is asked through ``ask`` alone.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import Concatenate, ParamSpec, TypeVar, get_type_hints

from django.db import InterfaceError, InternalError, OperationalError
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers import registry
from publishers.interface import Malformed, NotGenuine, Publisher, PublisherError, Rejected, bounds

P = ParamSpec("P")
T = TypeVar("T")

#: What a method may raise, as the interface says; the others answer.
RAISED: dict[str, tuple[type[PublisherError], ...]] = {
    "render": (Rejected,),
    "receive": (NotGenuine, Malformed),
    "check": (PublisherError,),
    "figures": (PublisherError,),
    "authorize_url": (PublisherError,),
    "connected": (PublisherError,),
}
#: The hub's own, raised by what a plugin was handed: a sentence, and the database's.
OURS = (Refused, OperationalError, InterfaceError, InternalError)

log = logging.getLogger(__name__)


class PluginFails(Refused):
    """A plugin raised what the interface does not know, or answered what it does not allow."""

    def __init__(self, publisher: Publisher, method: str, what: str) -> None:
        sentence = _(
            "The plugin of {platform} does not work ({method}: {what}). An administrator finds more in the "
            "log: install a version that works, or tell its author."
        )
        super().__init__(sentence.format(platform=publisher.platform.name, method=method, what=what))


def ask(
    publisher: Publisher,
    method: Callable[Concatenate[Publisher, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Return what the plugin answers to a method of the interface, such as ``Publisher.render``.

    Raises what the interface lets the method raise; PluginFails for every other error, and for an answer of
    another type, size or form than the interface names.
    """
    name = method.__name__
    try:
        answer: T = getattr(publisher, name)(*args, **kwargs)
        wrong = bounds.wrong_answer(answer, _answer_of(method), name)
    except OURS:
        raise
    except RAISED.get(name, ()) as error:
        if isinstance(error, Rejected) and not error.sentence:
            raise PluginFails(publisher, name, "Rejected") from error
        raise
    except BaseException as error:
        if registry.ends_process(error):
            raise
        log.exception("The plugin of %s fails in %s.", publisher.platform.slug, name)
        said = error.sentence if isinstance(error, PublisherError) else ""
        raise PluginFails(publisher, name, said or type(error).__name__) from error
    if wrong is not None:
        log.error("The plugin of %s answers %s in %s.", publisher.platform.slug, wrong, name)
        raise PluginFails(publisher, name, wrong)
    return answer


@cache
def _answer_of(method: Callable[..., object]) -> object:
    return get_type_hints(method)["return"]
