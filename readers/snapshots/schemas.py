"""What the content API answers. The detail is stored at sign-off, the list is read from the Readings."""

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from ninja import Schema
from pydantic import Field

from cms import signing
from cms.document.model import Document, OfficeRef, canonical
from cms.models import Release
from readers.models import Reading
from readers.snapshots import pictures

if TYPE_CHECKING:
    from readers.snapshots.render import Imprint


class Approval(Schema):
    """One stage of the review: which, and when. Who approved is known to the hub, not to the public."""

    stage: int = Field(description="1 初审，2 复审，3 三审，4 终审")
    at: dt.datetime


class Statement(Schema):
    """What the hub vouches for in public."""

    type: str = "document"
    page_id: int
    number: int
    release_sha256: str
    document_sha256: str = Field(description="`document` 按 RFC 8785 规范化后字节的 SHA-256")
    public_from: dt.datetime


class Proof(Schema):
    """Ed25519 signature over the RFC 8785 bytes of ``statement``.

    The public keys are at /.well-known/nusheng-hub-keys.json.
    """

    statement: Statement
    key_id: str
    signature: str = Field(description="签名，base64 编码")


class Addresses(Schema):
    """Absolute addresses. A picture in another width: its address and /360, /720, /1080 or /1440."""

    article: str = Field(description="读者阅读的网址")
    api: str
    assets: dict[str, str] = Field(description="图片与附件的网址，以 SHA-256 为键")


class ArticleOut(Schema):
    """One article as it was signed off."""

    page_id: int
    number: int = Field(description="签发次数：首次签发为 1，更正后递增")
    section_id: int | None = None
    public_from: dt.datetime
    first_public_from: dt.datetime = Field(description="首次公开的时间")
    corrected_at: dt.datetime | None = Field(None, description="更正后文稿公开的时间；未曾更正的没有此项")
    signed_at: dt.datetime
    document: Document
    approvals: list[Approval]
    urls: Addresses
    proof: Proof


class ArticleSummary(Schema):
    """One line of the list."""

    page_id: int
    kind: str
    title: str
    digest: str
    office: OfficeRef
    section_id: int | None
    public_from: dt.datetime
    first_public_from: dt.datetime
    corrected_at: dt.datetime | None = Field(description="更正后文稿公开的时间")
    release_sha256: str = Field(description="签发稿散列值，更正后改变")
    cover: str | None = Field(description="封面图网址，宽 720 像素")
    article: str = Field(description="读者阅读的网址")
    api: str = Field(description="全文接口网址")


def article(release: Release, document: Document, imprint: "Imprint") -> bytes:
    """Return the detail answer for ``release``, as it is stored."""
    answer = ArticleOut(
        page_id=release.page_id,
        number=release.number,
        section_id=imprint.section_id,
        public_from=_utc(release.public_from),
        first_public_from=_utc(imprint.first_public_from),
        corrected_at=_utc(imprint.corrected_at) if imprint.corrected_at else None,
        signed_at=_utc(release.signed_at),
        document=document,
        approvals=_approvals(release),
        urls=_addresses(release.page_id, document),
        proof=_proof(release),
    )
    return canonical(answer.model_dump(mode="json", exclude_none=True))


def summary(reading: Reading) -> ArticleSummary:
    """Return the list's line for one Reading."""
    cover = reading.cover_sha256
    return ArticleSummary(
        page_id=reading.page_id,
        kind=reading.kind,
        title=reading.title,
        digest=reading.digest,
        office=OfficeRef(code=reading.office_code, name=reading.office_name),
        section_id=reading.section_id,
        public_from=_utc(reading.public_from),
        first_public_from=_utc(reading.first_public_from),
        corrected_at=_utc(reading.public_from) if reading.is_corrected else None,
        release_sha256=reading.release.sha256,
        cover=settings.PUBLIC_URL + pictures.address(cover, pictures.USUAL) if cover else None,
        article=_absolute("site:article", reading.page_id),
        api=_absolute("content_api:article", reading.page_id),
    )


def _approvals(release: Release) -> list[Approval]:
    given = json.loads(bytes(release.approvals))
    return [Approval(stage=approval["stage"], at=approval["at"]) for approval in given]


def _addresses(page_id: int, document: Document) -> Addresses:
    return Addresses(
        article=_absolute("site:article", page_id),
        api=_absolute("content_api:article", page_id),
        assets={sha256: _absolute("site:blob", sha256) for sha256 in sorted(document.assets)},
    )


def _proof(release: Release) -> Proof:
    statement = Statement(
        page_id=release.page_id,
        number=release.number,
        release_sha256=release.sha256,
        document_sha256=release.document_sha256,
        public_from=_utc(release.public_from),
    )
    key_id, signature = signing.sign(canonical(statement.model_dump(mode="json")))
    return Proof(statement=statement, key_id=key_id, signature=base64.b64encode(signature).decode())


def _absolute(name: str, argument: int | str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=[argument])


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)
