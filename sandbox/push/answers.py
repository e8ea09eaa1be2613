"""Refusals: 4xx with {"code", "message", "field"}."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from ..store import Json


class Refusal(Exception):
    """The call is refused with an HTTP ``status``; ``more`` goes into the answer."""

    def __init__(
        self, status: int, code: str, message: str, *, field: str = "", more: Mapping[str, Json] | None = None
    ) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message
        self.more = {**({"field": field} if field else {}), **(more or {})}


def refused(refusal: Refusal, retry_after: float = 1) -> JSONResponse:
    headers = {"Retry-After": str(retry_after)} if refusal.status in (429, 503) else {}
    said = {"code": refusal.code, "message": refusal.message, **refusal.more}
    return JSONResponse(said, refusal.status, headers)
