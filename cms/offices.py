"""Opening offices and giving people their roles; Wagtail's groups and rights follow."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from cms.models.offices import Membership, Office, Role

# Everybody with a role may enter the desk; one group for the whole network.
DESK_GROUP = "desk"
# Roles that write: they get Wagtail's page and collection rights in their office's branch.
WRITING_ROLES = (Role.AUTHOR, Role.ADMINISTRATOR)


@transaction.atomic
def open_office(
    *, code: str, name: str, kind: str, parent: Office | None, branch: Page, stage_count: int = 3
) -> Office:
    """Make an office with its collection and group; ``branch`` is its (new, saved) page.

    No role holds the publish right: readers see Releases, and only sign-off makes one.
    """
    collection = Collection.get_first_root_node().add_child(name=name)
    group = Group.objects.create(name=f"office:{code}")
    for codename in ("add_page", "change_page"):
        GroupPagePermission.objects.create(
            group=group, page=branch, permission=_permission("wagtailcore", codename)
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
            group=group, collection=collection, permission=_permission(app, codename)
        )
    fields = {
        "code": code,
        "name": name,
        "kind": kind,
        "stage_count": stage_count,
        "branch": branch,
        "collection": collection,
        "group": group,
    }
    return parent.add_child(**fields) if parent else Office.add_root(**fields)


def grant(user, office: Office, role: str, stage: int | None = None) -> Membership:
    """Give ``user`` the role in the office; a second time changes nothing."""
    membership, _ = Membership.objects.get_or_create(user=user, office=office, role=role, stage=stage)
    return membership


def desk_group() -> Group:
    group, made = Group.objects.get_or_create(name=DESK_GROUP)
    if made:
        group.permissions.add(_permission("wagtailadmin", "access_admin"))
    return group


def _permission(app_label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


@receiver([post_save, post_delete], sender=Membership)
def derive_groups(instance: Membership, **kwargs) -> None:
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
