"""How Toutiao refuses, in the shapes of its three interfaces."""

from ..store import Row


class Refusal(Exception):
    """The platform refuses; ``answer`` is its JSON, always with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message

    @property
    def answer(self) -> Row:
        raise NotImplementedError


class Refused(Refusal):
    """Today's OAuth: toutiao.md, section 1."""

    @property
    def answer(self) -> Row:
        told = {"error_code": self.code, "description": self.message, "desc_url": "", "captcha": ""}
        return {"message": "error", "data": told}


class RetRefused(Refusal):
    """The OAuth of 2017–18, by ``ret`` codes: section 2."""

    @property
    def answer(self) -> Row:
        return {"ret": self.code, "data": {}}


class ArticleRefused(Refusal):
    """The article call: ``data`` is the reason in words; ``ret`` is there if the old OAuth has a code."""

    @property
    def answer(self) -> Row:
        told = {"message": "error", "data": self.message}
        return {**told, "ret": self.code} if self.code else told
