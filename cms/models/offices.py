"""Offices and who may do what in them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node
from wagtail.models import Page

from cms.models.people import name_of


class Stage(models.IntegerChoices):
    """The stages of review, in the order in which they are passed; an office uses two to four of them."""

    FIRST = 1, _("First review")
    SECOND = 2, _("Second review")
    THIRD = 3, _("Third review")
    FINAL = 4, _("Final review")


def paths_down_to(path: str, steplen: int) -> list[str]:
    """Return the paths of a node of a tree and of all that it stands below, the root's first."""
    return [path[:end] for end in range(steplen, len(path) + 1, steplen)]


STAGES_BY_COUNT = {
    2: (Stage.FIRST, Stage.FINAL),
    3: (Stage.FIRST, Stage.SECOND, Stage.FINAL),
    4: (Stage.FIRST, Stage.SECOND, Stage.THIRD, Stage.FINAL),
}


class Role(models.TextChoices):
    AUTHOR = "author", _("Author")
    REVIEWER = "reviewer", _("Reviewer")
    DUTY_EDITOR = "duty_editor", _("Duty editor")
    LIAISON = "liaison", _("Liaison officer")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


def role_label(role: str, stage: int | None) -> str:
    """Return the role in words, a reviewer's with the stage."""
    if stage is None:
        return str(Role(role).label)
    return gettext("{role} ({stage})").format(role=Role(role).label, stage=Stage(stage).label)


class Office(MP_Node):
    """An organisation of the network; a tree from the province down to the counties."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("Province")
        DEPARTMENT = "department", _("Department")
        CENTRE = "centre", _("Centre")
        CITY = "city", _("City")
        COUNTY = "county", _("County")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("full name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    stage_count = models.PositiveSmallIntegerField(
        _("stages of review"), default=3, validators=[MinValueValidator(2), MaxValueValidator(4)]
    )
    branch = models.OneToOneField(
        "wagtailcore.Page", verbose_name=_("branch of pages"), on_delete=models.PROTECT, related_name="+"
    )
    collection = models.OneToOneField(
        "wagtailcore.Collection", verbose_name=_("collection"), on_delete=models.PROTECT, related_name="+"
    )
    # One group an office, for Wagtail's own page and collection rights; its members follow the memberships.
    group = models.OneToOneField(
        "auth.Group", verbose_name=_("group"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")

    def __str__(self) -> str:
        return self.name

    @property
    def stages(self) -> tuple[Stage, ...]:
        return STAGES_BY_COUNT[self.stage_count]

    @classmethod
    def of_page(cls, page: Page) -> "Office":
        """Return the office that owns the branch in which ``page`` stands now, by its place in the tree.

        Raises Office.DoesNotExist for a page outside every branch.
        """
        above = paths_down_to(page.path, page.steplen)
        office = cls.objects.filter(branch__path__in=above).order_by("-branch__depth").first()
        if office is None:
            raise cls.DoesNotExist(f"Page {page.pk} stands in no office's branch.")
        return office

    def chain(self) -> list["Office"]:
        """Return this office and those above it, nearest first."""
        return [self, *reversed(self.get_ancestors())]


class Membership(models.Model):
    """One role of one person in one office; a reviewer's names the stage."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships"
    )
    office = models.ForeignKey(
        Office, verbose_name=_("office"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices, null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "office", "role", "stage"], name="membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="membership_stage_for_reviewers",
                condition=models.Q(role="reviewer", stage__isnull=False)
                | (~models.Q(role="reviewer") & models.Q(stage__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["role", "stage", "office"], name="membership_role_stage_office")]

    def __str__(self) -> str:
        return f"{name_of(self.user)} · {self.office} · {self.label}"

    @property
    def label(self) -> str:
        return role_label(self.role, self.stage)

    @property
    def is_used(self) -> bool:
        """Whether the office still reviews at the stage; its number of stages may have changed."""
        return self.stage is None or self.stage in self.office.stages

    def clean(self) -> None:
        if (self.role == Role.REVIEWER) != (self.stage is not None):
            raise ValidationError({"stage": _("A reviewer has a stage, other roles have none.")})
        if self.office_id and not self.is_used:
            raise ValidationError({"stage": _("This office does not use this stage of review.")})
