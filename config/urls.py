"""All addresses. Wagtail's page-serving views and stock API are not mounted: readers see Releases only."""

from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls

from publishers.desk.connecting import connected
from readers.api.api import api

handler500 = "config.error_views.refuse"
urlpatterns = [
    # Not among Wagtail's: who is not logged in would be sent on with the whole address, and its code.
    path("admin/accounts/connected/", connected, name="hub_connected"),
    path("admin/", include("cms.admin_urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("api/v1/", api.urls),
    path("", include("publishers.urls")),
    path("", include("readers.site.urls")),
]
