"""2 limits: what is too long is refused by a sentence that counts, and never cut."""

import pytest

from cms.document.model import Paragraph, Section, Span, VariantText
from publishers.interface import Rejected
from publishers.testing.given import PLAIN, Given
from publishers.testing.scenarios import NotDeclared, scenario


class Limits(Given):
    @scenario("2.1")
    @pytest.mark.parametrize("field", ["title", "digest", "author"])
    def test_what_is_too_long_is_refused_and_never_cut(self, plugin, document, field):
        limit = _stated(plugin, f"{field}_chars")
        fits = PLAIN.model_copy(update={field: "长" * limit})
        assert getattr(plugin.render(document, fits), field) == "长" * limit
        with pytest.raises(Rejected) as refused:
            plugin.render(document, PLAIN.model_copy(update={field: "长" * (limit + 3)}))
        assert "3" in refused.value.reason
        assert str(limit) in refused.value.reason
        assert plugin.platform.name in refused.value.reason

    @scenario("2.2")
    def test_a_title_that_is_too_short_is_refused(self, plugin, document):
        least = _stated(plugin, "title_chars_min")
        with pytest.raises(Rejected) as refused:
            plugin.render(document, VariantText(title="短" * (least - 1)))
        assert str(least) in refused.value.reason

    @scenario("2.3")
    def test_a_body_that_is_too_long_is_refused_by_a_sentence_that_counts(self, plugin, document):
        limit = _stated(plugin, "body_chars")
        paragraph = Paragraph(spans=(Span(text="字" * (limit + 1)),))
        long = document.model_copy(update={"sections": (Section(role="body", blocks=(paragraph,)),)})
        with pytest.raises(Rejected) as refused:
            plugin.render(long, PLAIN)
        assert any(character.isdigit() for character in refused.value.reason)


def _stated(plugin, name: str) -> int:
    limit = getattr(plugin.platform.limits, name)
    if not limit:
        raise NotDeclared(f"{plugin.platform.name} states no {name}.")
    return limit
