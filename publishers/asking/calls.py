"""What a plugin is asked outside a delivery's run: it answers as the interface says, or a sentence names it.

A run writes down whatever goes wrong in it. A screen, a command or a callback has nobody who would, so there
a plugin is asked through ``ask`` alone.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Concatenate, ParamSpec, TypeVar, get_type_hints

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers import registry
from publishers.asking.ending import Ended, bounded
from publishers.asking.standing import LeftOpen, Standing
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
DATABASE = (OperationalError, InterfaceError, InternalError)
#: The hub's own, raised by what a plugin was handed: a sentence, and the database's.
OURS = (Refused, *DATABASE)
#: Whose rooms ask the database for the hub; a plugin that is delivered with it is one all the same.
ROOMS, PLUGINS = frozenset({"cms", "config", "publishers", "readers"}), "publishers.platforms."
#: In whose code the error of whoever asked the database is raised.
BETWEEN = frozenset({"contextlib", "django", "functools", "psycopg", "sqlite3"})

log = logging.getLogger(__name__)


class PluginFails(Refused):
    """A plugin raised what the interface does not know, or answered what it does not allow."""

    def __init__(self, publisher: Publisher, method: str, what: str) -> None:
        """``method`` is the interface's name, ``what`` the error's or answer's, or a few words."""
        sentence = _(
            "The plugin of {platform} does not work ({method}: {what}). An administrator finds more in the "
            "log: install a version that works, or tell its author."
        )
        super().__init__(sentence.format(platform=publisher.platform.name, method=method, what=what))


class PluginHangs(PluginFails):
    """A plugin did not come back, and was ended."""


@contextmanager
def called(publisher: Publisher, method: str) -> Iterator[None]:
    """Let the plugin do its work inside the block, and put right what it leaves behind in the process.

    Raises PluginFails when that is a transaction, and instead of an error of the database's kind that is the
    plugin's own; PluginHangs when it does not come back; what else it raises goes through.
    """
    try:
        with Standing().kept(), bounded(publisher.platform.slug):
            yield
    except Ended as error:
        raise PluginHangs(publisher, method, _("it does not come back")) from error
    except (LeftOpen, *DATABASE) as error:
        is_left = isinstance(error, LeftOpen)
        if not is_left and not _is_plugins(error):
            raise
        log.exception("The plugin of %s fails in %s.", publisher.platform.slug, method)
        what = _("it leaves a transaction open") if is_left else type(error).__name__
        raise PluginFails(publisher, method, what) from error


def _is_plugins(error: BaseException) -> bool:
    """Return whether the plugin raised it, or asked the database itself, which answers others."""
    raised_in = [
        str(frame.f_globals.get("__name__")) for frame, _line in traceback.walk_tb(error.__traceback__)
    ]
    asked_by = [name for name in raised_in if name.partition(".")[0] not in BETWEEN][-1]
    is_hubs = asked_by.partition(".")[0] in ROOMS and not asked_by.startswith(PLUGINS)
    return not is_hubs and _database_answers()


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


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
        with called(publisher, name):
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
