"""14 figures: what the platform counts, named as the hub names it, and tied to the article."""

import datetime as dt

import pytest

from publishers.testing.given import Given
from publishers.testing.running import all_live
from publishers.testing.scenarios import scenario

CHINA = dt.timezone(dt.timedelta(hours=8))
NAMES = {"reads", "read_users", "shares", "likes", "wows", "favourites", "comments"}


class Figures(Given):
    @pytest.fixture
    def told(self, plugin, job, server):
        """Return what is live, the day of its publication, and the figures of the next morning."""
        [live] = all_live(plugin, job, server)
        day = dt.datetime.now(CHINA).date()
        server.next_morning()
        return live, day, plugin.figures(job.account, day)

    @scenario("14.1", needs="figure_days")
    def test_figures_are_of_our_article_and_of_days_that_are_over(self, told):
        live, day, figures = told
        assert figures
        for figure in figures:
            assert figure.about
            assert _is_about(figure.about, live.remote)
            assert day <= figure.day < dt.datetime.now(CHINA).date()

    @scenario("14.2", needs="figure_days")
    def test_figures_have_the_names_that_the_hub_knows_and_count(self, told):
        _live, _day, figures = told
        assert {figure.name for figure in figures} <= NAMES
        assert all(isinstance(figure.value, int) and figure.value >= 0 for figure in figures)

    @scenario("14.3", needs="figure_days")
    def test_asking_again_tells_the_same_and_changes_nothing(self, plugin, account, told, server, changing):
        _live, day, figures = told
        made = len(server.calls())
        assert plugin.figures(account, day) == figures
        assert not set(server.calls()[made:]) & set(changing)

    @scenario("14.4", needs="figure_days")
    def test_a_day_without_articles_has_no_figures(self, plugin, account, told):
        _live, day, _figures = told
        assert list(plugin.figures(account, day - dt.timedelta(days=1))) == []

    @scenario("14.5", needs="figure_days")
    def test_the_source_of_figures_is_named(self, plugin):
        assert plugin.platform.figure_source


def _is_about(about, remote) -> bool:
    return all(str(remote.get(name)) == str(value) for name, value in about.items())
