"""Addresses of Wagtail's that are answered here; mounted before Wagtail's own, whose names lead to them."""

from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms.editor.words import js_catalog
from cms.organisation.screens.account import AccountView
from cms.review.views import CompareView, HistoryView

COMPARED = r"(?P<revision_id_a>live|earliest|\d+)\.\.\.(?P<revision_id_b>live|latest|\d+)"

desk = [
    path("account/", AccountView.as_view()),
    path("pages/<int:page_id>/history/", HistoryView.as_view()),
    path("pages/<int:page_id>/history/results/", HistoryView.as_view(results_only=True)),
    re_path(rf"^pages/(?P<pk>\d+)/revisions/compare/{COMPARED}/$", CompareView.as_view()),
]
urlpatterns = [
    *decorate_urlpatterns(desk, lambda view: never_cache(require_admin_access(view))),
    path("jsi18n/", js_catalog),
]
