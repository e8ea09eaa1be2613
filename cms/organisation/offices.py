"""Opening and changing offices, giving people their roles; Wagtail's groups and rights follow.

``by`` is whoever asks. Left out by bootstrap and the command line, which need no right of their own.
"""

from typing import Any  # what a signal brings besides

from django.contrib.auth.models import AbstractUser, Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from cms import audit
from cms.models import Membership, Office, OfficePage, Release, Role, name_of
from cms.organisation import permissions
from cms.refusals import Refused

# Everybody with a role may enter the desk; one group for the whole network.
DESK_GROUP = "desk"
# Roles that write: they get Wagtail's page and collection rights in their office's branch.
WRITING_ROLES = (Role.AUTHOR, Role.ADMINISTRATOR)


@transaction.atomic
def open_office(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Office | None,
    branch: Page | None = None,
    stage_count: int = 3,
    by: AbstractUser | None = None,
) -> Office:
    """Make an office with its branch of pages, its collection and its group.

    ``branch`` is a page that is there already, as the home page is for the office at the root.
    No role holds the publish right: readers see Releases, and only sign-off makes one.
    Raises PermissionDenied; Refused for a code that is taken.
    """
    root = _lock_offices()
    if by:
        _require_place(by, parent)
    if taken := refusal_of_code(code, branch):
        raise Refused(taken)
    fields = {
        "code": code,
        "name": name,
        "kind": kind,
        "stage_count": stage_count,
        "branch": branch or _home().add_child(instance=OfficePage(title=name, slug=code)),
        "collection": root.add_child(name=name),
        "group": Group.objects.create(name=f"office:{code}"),
    }
    office = parent.add_child(**fields) if parent else Office.add_root(**fields)
    _give_rights(office)
    audit.record("office.open", office, by)
    return office


def refusal_of_code(code: str, branch: Page | None = None) -> str | None:
    """Return why a new office (with this page, if it has one) cannot have the code; None when it can."""
    if Office.objects.filter(code=code).exists():
        return _("There is an office with the code “{code}” already.").format(code=code)
    if branch is None and (page := _home().get_children().filter(slug=code).first()):
        return _("The page “{title}” has the address “{code}” already: choose another code.").format(
            title=page.title, code=code
        )
    return None


@transaction.atomic
def change_office(
    office: Office, *, name: str, kind: str, stage_count: int, by: AbstractUser | None = None
) -> Office:
    """Give the office another name, kind or number of stages. Its branch and collection are named after it.

    Raises PermissionDenied.
    """
    office = Office.objects.select_for_update().get(pk=office.pk)
    if by:
        permissions.require_managing(by, office)
    facts: dict[str, str | int] = {"name": name, "kind": str(kind), "stage_count": stage_count}
    for field, value in facts.items():
        old = getattr(office, field)
        if old != value:
            setattr(office, field, value)
            audit.record(f"office.{field}", office, by, old=old, new=value)
    office.save(update_fields=["name", "kind", "stage_count"])
    if office.branch.title != name:
        _name_after(office, by)
    return office


@transaction.atomic
def close_office(office: Office, *, by: AbstractUser | None = None) -> None:
    """Delete an office that was opened by mistake. Raises PermissionDenied; Refused when it owns anything."""
    _lock_offices()
    office = Office.objects.select_for_update().get(pk=office.pk)
    if by:
        permissions.require_managing(by, office)
    if owned := what_it_owns(office):
        raise Refused(" ".join(owned))
    above, branch, collection, group = office.get_parent(), office.branch, office.collection, office.group
    try:
        office.delete()
    except ProtectedError as error:
        raise Refused(_("“{office}” is used elsewhere, and stays.").format(office=office.name)) from error
    branch.delete()
    collection.delete()
    group.delete()
    audit.record("office.close", above, by, office=office.name, code=office.code)


def what_it_owns(office: Office) -> list[str]:
    """Return a sentence for each thing because of which the office cannot be deleted."""
    if office.is_root():
        return [_("The whole network stands below this office.")]
    files = (get_image_model(), get_document_model())
    owned = {
        _("Offices stand below it."): office.numchild,
        _("There are pages in its branch."): office.branch.numchild,
        _("There are pictures or files in its collection."): any(
            model.objects.filter(collection=office.collection_id).exists() for model in files
        ),
        _("Somebody has a role in it."): office.memberships.exists(),
        _("Texts of it have been signed off, and name it."): Release.objects.filter(
            office_code=office.code
        ).exists(),
    }
    return [sentence for sentence, is_so in owned.items() if is_so]


@transaction.atomic
def grant(
    user: User, office: Office, role: str, stage: int | None = None, *, by: AbstractUser | None = None
) -> Membership:
    """Give ``user`` the role in the office; a second time changes nothing.

    Raises PermissionDenied; ValidationError for a reviewer without a stage that the office uses.
    """
    if by:
        permissions.require_managing(by, office)
    membership = Membership(user=user, office=office, role=role, stage=stage)
    membership.clean()
    membership, made = Membership.objects.get_or_create(user=user, office=office, role=role, stage=stage)
    if made:
        audit.record("role.give", office, by, **_named(membership))
    return membership


@transaction.atomic
def revoke(membership: Membership, *, by: AbstractUser | None = None) -> None:
    """Take the role away. Raises PermissionDenied; Refused for one's own role as an administrator."""
    office = membership.office
    if by:
        permissions.require_managing(by, office)
    if refusal := refusal_to_revoke(membership, by):
        raise Refused(refusal)
    audit.record("role.take", office, by, **_named(membership))
    membership.delete()


def refusal_to_revoke(membership: Membership, by: AbstractUser | None) -> str | None:
    """Nobody locks herself out by mistake."""
    if by and membership.user_id == by.pk and membership.role == Role.ADMINISTRATOR and not by.is_superuser:
        return _("Another administrator has to take this role from you.")
    return None


def desk_group() -> Group:
    group, made = Group.objects.get_or_create(name=DESK_GROUP)
    if made:
        group.permissions.add(_permission("wagtailadmin", "access_admin"))
    return group


@receiver([post_save, post_delete], sender=Membership)
def derive_groups(instance: Membership, **kwargs: Any) -> None:
    """Put the person into the groups that her memberships need, and out of those that they do not."""
    user, office = instance.user, instance.office
    roles = set(Membership.objects.filter(user=user, office=office).values_list("role", flat=True))
    if roles.intersection(WRITING_ROLES):
        user.groups.add(office.group)
    else:
        user.groups.remove(office.group)
    if Membership.objects.filter(user=user).exists():
        user.groups.add(desk_group())
    else:
        user.groups.remove(desk_group())


def _lock_offices() -> Collection:
    """Let nobody else open or delete an office until the transaction ends: two might choose the same code."""
    return Collection.objects.select_for_update().get(depth=1)


def _require_place(by: AbstractUser, parent: Office | None) -> None:
    if parent is None:
        raise PermissionDenied(_("An office is opened below another one."))
    permissions.require_managing(by, parent)


def _home() -> Page:
    return Office.get_first_root_node().branch.specific


def _give_rights(office: Office) -> None:
    for codename in ("add_page", "change_page"):
        GroupPagePermission.objects.create(
            group=office.group, page=office.branch, permission=_permission("wagtailcore", codename)
        )
    for app, codename in (
        ("wagtailimages", "add_image"),
        ("wagtailimages", "change_image"),
        ("wagtailimages", "choose_image"),
        ("wagtaildocs", "add_document"),
        ("wagtaildocs", "change_document"),
        ("wagtaildocs", "choose_document"),
    ):
        GroupCollectionPermission.objects.create(
            group=office.group, collection=office.collection, permission=_permission(app, codename)
        )


def _permission(app_label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def _name_after(office: Office, by: AbstractUser | None) -> None:
    office.collection.name = office.name
    office.collection.save(update_fields=["name"])
    branch = office.branch.specific
    branch.title = office.name
    # With a revision: the editor opens the latest one, and would bring the old name back.
    branch.save_revision(user=by, log_action=True).publish(user=by, skip_permission_checks=True)


def _named(membership: Membership) -> dict[str, str | int | None]:
    """Return what the log keeps: it is read when the person and the role are gone."""
    user = membership.user
    return {
        "user": user.pk,
        "name": name_of(user),
        "role": membership.role,
        "stage": membership.stage,
    }
