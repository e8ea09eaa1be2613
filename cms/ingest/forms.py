"""What the desk asks for when a file is imported."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.ingest.importing import MODELS
from cms.models import SectionPage

ACCEPTED = ".docx,.txt,.md,.markdown,.html,.htm"


class SectionField(forms.ModelChoiceField):
    """A section, named after the office whose it is."""

    def label_from_instance(self, section: SectionPage) -> str:
        return f"{self.branches.get(_parent_path(section), '')} › {section.title}"

    @property
    def branches(self) -> dict[str, str]:
        """Titles of the branches above the sections by path, in one query."""
        if not hasattr(self, "_branches"):
            assert self.queryset is not None  # a field of a form has one
            paths = {_parent_path(section) for section in self.queryset}
            self._branches = dict(Page.objects.filter(path__in=paths).values_list("path", "title"))
        return self._branches


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("Drop a .docx, .txt, .md or .html file here, or choose one."),
        allow_empty_file=True,  # an empty file gets the import's own sentence
        widget=forms.FileInput(attrs={"accept": ACCEPTED, "class": "import-file"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind of article"),
        choices=lambda: [(kind, model._meta.verbose_name) for kind, model in MODELS.items()],
        initial="policy",
        widget=forms.RadioSelect,
    )
    section = SectionField(
        label=_("Section"), queryset=SectionPage.objects.none(), empty_label=_("Choose a section")
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["section"]
        assert isinstance(field, SectionField)
        sections = field.queryset = sections_for(user)
        if not self.initial.get("section") and len(few := sections.values_list("pk", flat=True)[:2]) == 1:
            self.initial["section"] = few[0]


def sections_for(user):
    """Return the sections to which the user may add pages, in the order of the tree."""
    allowed = PagePermissionPolicy().instances_user_has_permission_for(user, "add")
    return SectionPage.objects.filter(pk__in=allowed.values("pk")).order_by("path")


def may_import(user) -> bool:
    """Whether there is any place to which the user may add pages."""
    return PagePermissionPolicy().user_has_permission(user, "add")


def _parent_path(section: SectionPage) -> str:
    return section.path[: -section.steplen]
