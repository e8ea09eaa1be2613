"""Callers of the stand-ins that know the sheets and nothing of the project's own clients."""

import json
from io import BytesIO

import requests
from PIL import Image

TIMEOUT_S = 20


def picture(kind="JPEG", size=(64, 48), colour="#b3261e"):
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return written.getvalue()


def heavy_picture(pixels):
    """A PNG of about 3 bytes a pixel: its pixels are noise."""
    written = BytesIO()
    Image.effect_noise((pixels, pixels), 255).convert("RGB").save(written, "BMP")
    return written.getvalue()


class WeChat:
    def __init__(self, sandbox, appid):
        self.sandbox, self.url, self.appid = sandbox, sandbox.base_url("wechat"), appid
        self.http = requests.Session()
        self._token = None

    @property
    def token(self):
        if self._token is None:
            self._token = self.stable_token()["access_token"]
        return self._token

    def stable_token(self, **changes):
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": f"secret-{self.appid}"}
        return self.http.post(f"{self.url}/cgi-bin/stable_token", json={**body, **changes}).json()

    def legacy_token(self, **changes):
        query = {"grant_type": "client_credential", "appid": self.appid, "secret": f"secret-{self.appid}"}
        return self.http.get(f"{self.url}/cgi-bin/token", params={**query, **changes}).json()

    def send(self, path, body=None, *, method="POST", token=None, raw=None, **options):
        """Return the HTTP answer of a call."""
        query = {"access_token": token or self.token, **options.pop("query", {})}
        data = raw if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.http.request(
            method, f"{self.url}/cgi-bin/{path}", params=query, data=data, timeout=TIMEOUT_S, **options
        )

    def call(self, path, body=None, **options):
        """Return the JSON answer of a call; whatever WeChat refuses is HTTP 200 too."""
        answer = self.send(path, body, **options)
        assert answer.status_code == 200
        return answer.json()

    def upload(self, content=None, name="a.jpg", mime="image/jpeg"):
        return self.call("media/uploadimg", files={"media": (name, content or picture(), mime)})

    def material(self, content=None, name="a.jpg", mime="image/jpeg", kind="image"):
        files = {"media": (name, content or picture(), mime)}
        return self.call("material/add_material", query={"type": kind}, files=files)

    def article(self, **changes):
        """Return a complete article with a cover of this account."""
        if "thumb_media_id" not in changes:
            changes["thumb_media_id"] = self.material()["media_id"]
        return {"title": "木棉花开", "author": "岭南女声", "content": "<p>正文一段。</p>", **changes}

    def add_draft(self, *articles):
        return self.call("draft/add", {"articles": list(articles) or [self.article()]})

    def draft(self, **changes):
        """Add one draft and return its media_id."""
        return self.add_draft(self.article(**changes))["media_id"]

    def stored(self, **changes):
        """Return the article as the draft box shows it after it was sent with ``changes``."""
        return self.call("draft/get", {"media_id": self.draft(**changes)})["news_item"][0]

    def submit(self, media_id):
        return self.call("freepublish/submit", {"media_id": media_id})

    def publication(self, publish_id):
        return self.call("freepublish/get", {"publish_id": publish_id})

    def publish(self, *articles):
        """Draft, submit and wait; return what freepublish/get answers."""
        media_id = self.add_draft(*articles)["media_id"]
        return self.publication(self.submit(media_id)["publish_id"])


class Penguin:
    def __init__(self, sandbox, client_id):
        self.sandbox, self.url, self.client_id = sandbox, sandbox.base_url("penguin"), client_id
        self.http = requests.Session()
        self._token = None

    @property
    def token(self):
        if self._token is None:
            self._token = self.access_token()["data"]["access_token"]
        return self._token

    def access_token(self, **changes):
        query = {
            "grant_type": "clientcredentials",
            "client_id": self.client_id,
            "client_secret": f"secret-{self.client_id}",
        }
        return self.http.post(f"{self.url}/omoauth2/accesstoken", params={**query, **changes}).json()

    def get(self, path, **fields):
        query = {"access_token": self.token, **fields}
        return self.http.get(f"{self.url}/{path}", params=query, timeout=TIMEOUT_S).json()

    def post(self, path, style="data", **fields):
        """Post the fields as a form (``data``) or in the query (``params``)."""
        sent = {style: {"access_token": self.token, **fields}}
        return self.http.post(f"{self.url}/{path}", timeout=TIMEOUT_S, **sent).json()

    def picture_address(self):
        """Return a picture's address that anybody can fetch: one that the WeChat stand-in serves."""
        return WeChat(self.sandbox, "wxsandbox0001").upload()["url"]

    def article(self, **changes):
        cover = changes.pop("cover_pic", None) or self.picture_address()
        return {"title": "木棉花开的地方", "content": "<p>正文一段。</p>", "cover_pic": cover, **changes}

    def submit(self, **changes):
        return self.post("article/clientpubpic", **self.article(**changes))

    def transaction(self, transaction_id):
        return self.get("transaction/infoclient", transaction_id=transaction_id)

    def publish(self, **changes):
        """Submit, end the review and return the transaction's answer."""
        transaction_id = self.submit(**changes)["data"]["transaction_id"]
        self.sandbox.finish_reviews()
        return self.transaction(transaction_id)
