import pytest
from wagtail.models import Page

from cms.models import Office, Role
from cms.offices import grant, open_office

pytestmark = pytest.mark.django_db


def test_a_page_belongs_to_the_nearest_office_above_it_in_the_tree(django_user_model):
    home = Page.get_first_root_node().add_child(title="省")
    province = open_office(code="p", name="省", kind=Office.Kind.PROVINCE, parent=None, branch=home)
    branch = home.add_child(title="市")
    city = open_office(code="c", name="市", kind=Office.Kind.CITY, parent=province, branch=branch)
    text = branch.add_child(title="栏目").add_child(title="文章")
    assert Office.of_page(text) == city
    assert Office.of_page(home) == province
    assert city.chain() == [city, province]
    user = django_user_model.objects.create_user("author")
    grant(user, city, Role.AUTHOR)
    assert set(user.groups.values_list("name", flat=True)) == {"desk", "office:c"}
