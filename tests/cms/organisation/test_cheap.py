"""What the screens cost does not grow with the network."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.models import Membership, Role
from tests.factories import make_office, make_user

pytestmark = pytest.mark.django_db

LISTS = [
    "offices:index",
    "memberships:index",
    "memberships:add",
    "wagtailusers_users:index",
    "user_chooser:choose",
]
LIMIT = 20


@pytest.fixture
def large(network):
    """150 offices and 400 memberships more, all below the city."""
    offices = [make_office(f"large{number}", parent=network.city, kind="county") for number in range(150)]
    for number in range(100):
        user = make_user(f"user{number}", first_name=f"用户{number}")
        # Past the signal, which is not what is measured.
        Membership.objects.bulk_create(
            Membership(user=user, office=offices[(number + place) % 150], role=Role.AUTHOR)
            for place in range(4)
        )
    return network


def queries(see, name) -> int:
    see.get(name)  # what is cached once for a process
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert see.get(name).status_code == 200
    return len(seen)


def test_every_list_costs_the_same_with_150_offices_and_400_memberships(large, desk):
    see = desk(large.administrator)
    assert see.get("offices:index").context["paginator"].count == 152
    assert see.get("memberships:index").context["paginator"].count == 407
    costs = {name: queries(see, name) for name in LISTS}
    assert max(costs.values()) <= LIMIT, costs


def test_what_a_small_network_costs_is_what_a_large_one_costs(network, desk, request):
    see = desk(network.administrator)
    small = {name: queries(see, name) for name in LISTS}
    request.getfixturevalue("large")
    assert {name: queries(see, name) for name in LISTS} == small
