"""A partner's app, which asks over HTTP and knows nothing else."""

import pytest
from django.test import Client

ROOT = "/api/v1/articles/"


class Partner:
    """Asks the content API; ``token`` is a key of Wagtail's, or anything else."""

    def __init__(self, token: str | None = None):
        self.client = Client()
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def articles(self, **filters):
        return self.client.get(ROOT, filters, headers=self.headers)

    def titles(self, **filters) -> list[str]:
        response = self.articles(**filters)
        assert response.status_code == 200, response.content.decode()
        return [item["title"] for item in response.json()["items"]]

    def article(self, page_id, **headers):
        return self.client.get(f"{ROOT}{page_id}/", headers={**self.headers, **headers})


@pytest.fixture
def partner(db) -> Partner:
    return Partner()
