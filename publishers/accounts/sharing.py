"""One question for many: what a platform answered about all of an account's articles, kept for a while."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from publishers.interface import Json, storable
from publishers.models import Account, SharedAnswer
from publishers.models.clock import from_now


def shared(account: Account, name: str, ask: Callable[[Json], tuple[Json, float]]) -> Json:
    """Return what was answered last, or what ``ask`` answers now; raises what it raises.

    See ``interface.AccountSession.shared``. Two workers may ask at once: then the later answer is kept.
    """
    kept = SharedAnswer.objects.annotate(fresh=Q(serves_until__gt=Now()))
    known = kept.filter(account=account, name=name).first()
    if known is not None and known.fresh:
        return known.answer
    answer, serves_s = ask(known.answer if known else None)
    values = {"answer": storable(answer), "serves_until": from_now(timedelta(seconds=serves_s))}
    SharedAnswer.objects.update_or_create(account=account, name=name, defaults=values)
    return answer
