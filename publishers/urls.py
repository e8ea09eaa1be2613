from django.urls import path

from publishers.views import callback, follow_source

app_name = "publishers"
urlpatterns = [
    path("r/<slug:token>", follow_source, name="follow_source"),
    path("callbacks/<slug:key>/", callback, name="callback"),
]
