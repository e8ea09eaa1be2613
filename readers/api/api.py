"""The API: our own router with Wagtail's tokens and errors, and none of its routes.

Wagtail's page routes show and publish live pages; readers and partners get Releases only.
"""

import datetime as dt

from ninja import NinjaAPI
from ninja.openapi.docs import Swagger
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from wagtail.api.v3.errors import register_exception_handlers

from readers.api.access import ANYBODY
from readers.api.articles import router as articles


class Exact(NinjaJSONEncoder):
    """Times to the microsecond, as the stored answers have them; Django's own encoder cuts them."""

    def default(self, o: object) -> object:
        return o.isoformat().replace("+00:00", "Z") if isinstance(o, dt.datetime) else super().default(o)


class Utf8(JSONRenderer):
    """Chinese as it is: half the bytes of escapes, and readable."""

    encoder_class = Exact
    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="女声中枢内容接口",
    version="1.0.0",
    description=(
        "签发后公开的文章：列表与全文。全文即签发稿（Document），附散列值与签名，"
        "公钥见 /.well-known/nusheng-hub-keys.json。无需令牌即可读取；出错时返回 application/problem+json。"
    ),
    urls_namespace="content_api",
    auth=ANYBODY,
    renderer=Utf8(),
    # Both ways to ask come first; the many types behind them are a click away.
    docs=Swagger({"defaultModelsExpandDepth": 0}),
)
register_exception_handlers(api)
api.add_router("/articles/", articles)
