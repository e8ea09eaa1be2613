"""How often one account may make each call: docs/platforms/wechat.md, sections 2.1, 6, 9.2 and 10."""

from publishers.interface import Quota

DRAFT, PUBLISH, MASS = "/cgi-bin/draft/", "/cgi-bin/freepublish/", "/cgi-bin/message/mass/"

#: The defaults of a new account. What is kept is for deliveries under way and for withdrawals.
QUOTAS = (
    Quota("/cgi-bin/stable_token", per_minute=10_000, per_day=500_000),
    Quota("/cgi-bin/media/uploadimg", per_day=100_000),
    Quota("/cgi-bin/material/add_material", per_day=100_000),
    Quota(DRAFT + "add", per_day=1000),
    Quota(DRAFT + "get", per_day=500, kept=100),
    Quota(DRAFT + "delete", per_day=1000),
    Quota(DRAFT + "update", per_day=1000),
    Quota(DRAFT + "count", per_day=1000),
    Quota(DRAFT + "batchget", per_day=1000, kept=200),
    Quota(PUBLISH + "submit", per_day=100),
    Quota(PUBLISH + "get", per_day=100, kept=80),
    Quota(PUBLISH + "delete", per_day=10),
    Quota(PUBLISH + "getarticle", per_day=100, kept=30),
    Quota(PUBLISH + "batchget", per_day=100, kept=60),
    # Section 6 gives one number for the folder; whether WeChat counts its calls together is not known [?].
    Quota(MASS + "sendall", per_minute=60, per_day=100),
    Quota(MASS + "get", per_minute=60, per_day=100),
    Quota(MASS + "delete", per_minute=60, per_day=100),
    Quota(MASS + "speed/get", per_minute=60, per_day=100),
    # Reported, not documented (section 9.2).
    Quota("/datacube/getarticletotaldetail", per_day=1000),
)
