"""What a reviewer reads beside the text: its history, and two versions word by word.

Wagtail opens both to whoever has a right to some page by her groups. A reviewer has none, but may open the
text that she reviews: ``get_object`` asks for that text.
"""

from django.views import View
from wagtail.admin.views.pages import history, revisions


class HistoryView(history.PageHistoryView):
    any_permission_required = None


class CompareView(revisions.RevisionsCompareView):
    dispatch = View.dispatch
