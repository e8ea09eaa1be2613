"""Addresses of our own that articles on platforms carry."""

from django.conf import settings


def source_url(token: str) -> str:
    """Return the "read the original" link: absolute, counted, and the mark by which we know our article."""
    return f"{settings.PUBLIC_URL}/r/{token}"


def article_path(page_id: int) -> str:
    """Return where the article stands on the micro-site."""
    return f"/a/{page_id}/"


def article_url(page_id: int) -> str:
    return f"{settings.PUBLIC_URL}{article_path(page_id)}"


def callback_url(account_number: int) -> str:
    """Return where the account's partner tells, signed, what became of an article."""
    return f"{settings.PUBLIC_URL}/callbacks/{account_number}"
