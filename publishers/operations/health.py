"""Whether the hub can do its work, for load balancers and monitors; ``doctor`` tells people more."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from publishers.operations import doctor


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200, or 503 with what is wrong: a name and a word each, no address and no secret."""
    problems = problems_now()
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def problems_now() -> dict[str, str]:
    """Return what keeps the hub from its work, by name."""
    database = doctor.look_at("database")
    problems = dict(database.told)
    for name in doctor.READY[1:]:
        # Each look at a database that is away takes as long as its driver waits.
        if name in doctor.WITHOUT_DATABASE or not doctor.tells_database_away(database):
            problems |= doctor.look_at(name).told
    return problems
