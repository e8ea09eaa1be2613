"""Reading parameters: docs/platforms/penguin.md, section 4, "Where do the parameters go?"."""

from collections.abc import Collection

from ..calls import Call
from ..store import Store
from .answers import BAD_PARAMETER, Refusal

IDENTITY = ("access_token", "openid")


def parameters(store: Store, call: Call, known: Collection[str]) -> dict[str, str]:
    """Return a call's parameters; one that the sheet does not name is refused.

    Clients disagree on query or form for what is posted; a setting can switch one of them off.
    """
    where = store.setting("penguin_parameters") if call.method == "POST" else "query"
    fields = {"both": call.query | call.form, "form": call.form, "query": call.query}[where]
    unknown = set(call.query | call.form) - {*known, *IDENTITY}
    if unknown:
        raise Refusal(BAD_PARAMETER, f"unknown parameter {sorted(unknown)[0]}")
    return fields
