"""导入文稿: the desk's page where a file is dropped."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.ingest.forms import ImportForm, may_import
from cms.ingest.importing import import_with_warnings
from cms.refusals import Refused


class ImportView(WagtailAdminTemplateMixin, FormView):
    """Takes a file; Django keeps a large one on disk while it arrives."""

    form_class = ImportForm
    template_name = "cms/ingest/import.html"
    page_title = gettext_lazy("Import a text")
    header_icon = "upload"

    def dispatch(self, request, *args, **kwargs):
        if not may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self):
        return {**super().get_initial(), "section": self.request.GET.get("section")}

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            submit_button_label=_("Import"), submit_button_active_label=_("Importing…"), **kwargs
        )

    def form_valid(self, form):
        uploaded = form.cleaned_data["file"]
        try:
            imported = import_with_warnings(
                uploaded.file,
                uploaded.name,
                kind=form.cleaned_data["kind"],
                section=form.cleaned_data["section"],
                user=self.request.user,
            )
        except Refused as refusal:
            form.add_error("file", refusal.sentence)
            return self.form_invalid(form)
        messages.success(
            self.request, _("“{title}” was imported as a draft.").format(title=imported.page.title)
        )
        if imported.warnings:
            messages.warning(self.request, _below_each_other(imported.warnings))
        return redirect(reverse("wagtailadmin_pages:edit", args=[imported.page.pk]))


def _below_each_other(sentences: list[str]) -> str:
    first, *others = sentences
    return format_html("{}{}", first, format_html_join("", "<br>{}", ((sentence,) for sentence in others)))
