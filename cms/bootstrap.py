"""What a hub needs before its first page: home, root office, workflows, signing key, an administrator."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, Site, Task, Workflow, WorkflowTask

from cms import signing
from cms.models import HomePage, Office, Role
from cms.organisation.offices import desk_group, grant, open_office
from cms.refusals import Refused, check_fields
from cms.review.setup import ensure_workflows

# Wagtail's own beginnings: its groups hold the publish right, its workflow lets one person approve all.
WAGTAIL_GROUPS = ("Moderators", "Editors")
WAGTAIL_WORKFLOW = "Moderators approval"
# The roots of its trees of pages and collections; the names stand in the database, which has one language.
WAGTAIL_ROOT, ROOT = "Root", "全站"


@dataclass(frozen=True)
class Bootstrapped:
    """The root office, and whether the administrator was made just now (and must be told a password).

    ``anything`` tells whether something was missing.
    """

    office: Office
    administrator_made: bool
    anything: bool


def bootstrap(*, code: str, name: str, administrator: str, password: str) -> Bootstrapped:
    """Make what is missing and leave the rest as it is; may be run again at any time.

    ``code`` and ``name`` are the root office's; ``password`` is used only when ``administrator`` is new.
    Raises Refused, before anything is made.
    """
    _require_possible(code, name, administrator)
    before = _what_is_there()
    signing.ensure_key()
    with transaction.atomic():
        _remove_wagtails_beginnings()
        office = _root_office(code, name)
        desk_group()
        ensure_workflows()
        made = _administrator(administrator, password, office)
    return Bootstrapped(office, made, anything=_what_is_there() != before)


def _require_possible(code: str, name: str, administrator: str) -> None:
    """Refuse an office that cannot be called so, and an administrator whose name is wrong or taken."""
    if Office.get_first_root_node() is None:
        check_fields(Office(code=code, name=name), "code", "name")
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return
    check_fields(users(username=administrator), users.USERNAME_FIELD)
    if users.objects.filter(username=administrator).exists():
        sentence = _("There is a user {name} already, who is no administrator: choose another name.")
        raise Refused(sentence.format(name=administrator))


def _what_is_there() -> list[object]:
    rows = (Office, Page, Site, Collection, Group, Task, Workflow, WorkflowTask, get_user_model())
    return [signing.key_file().exists(), *(model.objects.count() for model in rows)]


def _remove_wagtails_beginnings() -> None:
    Group.objects.filter(name__in=WAGTAIL_GROUPS).delete()
    Workflow.objects.filter(name=WAGTAIL_WORKFLOW, workflow_states__isnull=True).delete()
    Task.objects.filter(name=WAGTAIL_WORKFLOW, task_states__isnull=True).delete()
    Page.objects.filter(depth=1, title=WAGTAIL_ROOT).update(title=ROOT, draft_title=ROOT)
    Collection.objects.filter(depth=1, name=WAGTAIL_ROOT).update(name=ROOT)


def _root_office(code: str, name: str) -> Office:
    if office := Office.get_first_root_node():
        return office
    root = Page.get_first_root_node()
    for welcome in root.get_children().type(Page).exact_type(Page):
        welcome.delete()
    # Read again: the deletion above changed the root's count of children in the database.
    home = Page.get_first_root_node().add_child(instance=HomePage(title=name, slug="home"))
    Site.objects.all().delete()
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True, site_name=name)
    return open_office(code=code, name=name, kind=Office.Kind.PROVINCE, parent=None, branch=home)


def _administrator(username: str, password: str, office: Office) -> bool:
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return False
    user = users.objects.create_superuser(username, password=password)
    grant(user, office, Role.ADMINISTRATOR)
    return True
