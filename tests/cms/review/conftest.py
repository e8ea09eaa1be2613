"""A text in review, and the desk's real addresses."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from tests.factories import make_story
from tests.factories_release import ready_for_review, submit


@pytest.fixture(autouse=True)
def hub(db, settings):
    """A hub that was bootstrapped and speaks English, so that tests can quote its messages."""
    ready_for_review()
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def story(cast):
    """A story by the editor, not yet submitted."""
    return make_story(cast.section, author=cast.editor)


@pytest.fixture
def in_review(story, cast):
    """The story, waiting at its first stage."""
    submit(story, cast.editor)
    return story


class Desk:
    """One person at the desk, by Wagtail's own addresses."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)

    def get(self, name, *args):
        return self.client.get(reverse(name, args=args))

    def post(self, name, *args, said=None, **headers):
        return self.client.post(reverse(name, args=args), said or {}, follow=True, headers=headers)

    def decide(self, action, state, comment=""):
        said = {"comment": comment}
        return self.post("wagtailadmin_pages:workflow_action", state.page_id, action, state.pk, said=said)

    def edit(self, page, *, accept="text/html", **said):
        """Save the editor's form; ``said`` are the buttons pressed and the fields changed."""
        fields = {
            "title": page.title,
            "slug": page.slug,
            "body": streamfield([("paragraph", rich_text(said.pop("text", "<p>她又添了一架书。</p>")))]),
            "variants": inline_formset([]),
            "comments": inline_formset([]),
        }
        said = nested_form_data({**fields, **said})
        return self.post("wagtailadmin_pages:edit", page.pk, said=said, accept=accept)


@pytest.fixture
def desk():
    return Desk


def said(response) -> str:
    """Return the messages that the person sees, as one text."""
    return " ".join(str(message) for message in response.context["messages"])
