"""Who asks: a token of Wagtail's API, or nobody in particular. What is public is public for both."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.security.http import HttpAuthBase
from wagtail.api.v3.auth import AllowAnonymous, BearerTokenAuth


class NoToken(AllowAnonymous):
    """Lets a request without credentials in; one with wrong credentials is told so, not served as nobody."""

    def __init__(self) -> None:
        super().__init__()
        del self.openapi_security_schema  # no scheme of its own: see OPTIONAL

    def __call__(self, request: HttpRequest) -> AnonymousUser | None:
        if request.headers.get("Authorization"):
            return None
        return super().__call__(request)


ANYBODY: list[HttpAuthBase] = [BearerTokenAuth(), NoToken()]
# How OpenAPI says that one may also ask without a token.
OPTIONAL: dict[str, list[dict[str, list[str]]]] = {"security": [{}]}
