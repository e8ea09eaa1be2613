"""Whatever goes wrong under the API's address has one shape (RFC 9457)."""

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from tests.readers.api.conftest import ROOT, Partner


def assert_problem(response, status):
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status and problem["title"] and problem["type"]
    return problem


def test_an_article_that_is_not_there(partner):
    assert "没有" in assert_problem(partner.article(1), 404)["detail"]


@pytest.mark.parametrize(
    "address", ["/api/v1/", "/api/v1/nothing/", "/api/v1/articles/x/", "/api/v1/pages/", "/api/v1/whoami/"]
)
def test_an_address_that_is_none(partner, address):
    assert_problem(partner.client.get(address), 404)


@pytest.mark.parametrize("number", [0, 10**9, 10**30])
def test_a_number_that_no_article_has(partner, number):
    assert_problem(partner.article(number), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", [ROOT, f"{ROOT}1/"])
def test_nothing_is_written_here(partner, method, address):
    response = getattr(partner.client, method)(address)
    assert_problem(response, 405)
    assert response["Allow"] == "GET"


def test_a_filter_that_makes_no_sense(partner):
    assert assert_problem(partner.articles(limit=1000), 422)["errors"]


def test_a_wrong_key(db):
    assert_problem(Partner("wrong").articles(), 401)


def ends_in(partner, error, status):
    """Let every query of a request end in ``error``, and return the answer, which tells nothing of it."""

    def failing(*args):
        raise error("connection to 10.0.0.7 refused for user hub")

    partner.client.raise_request_exception = False
    with connection.execute_wrapper(failing):
        response = partner.articles()
    assert "10.0.0.7" not in str(assert_problem(response, status))
    return response


def test_a_fault_of_ours_which_tells_nothing_of_the_inside(partner):
    ends_in(partner, DatabaseError, 500)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_says_when_to_ask_again(partner, error):
    assert int(ends_in(partner, error, 503)["Retry-After"]) > 0


def test_an_address_without_its_slash_leads_to_the_one_with_it(partner):
    response = partner.client.get("/api/v1/articles?kind=story")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/articles/?kind=story")


def test_pages_for_people_keep_their_own_errors(db, partner):
    assert partner.client.get("/nothing")["Content-Type"].startswith("text/html")
