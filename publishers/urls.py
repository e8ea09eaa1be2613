from django.urls import path

from publishers.health import readyz
from publishers.metrics import metrics
from publishers.views import callback, follow_source

app_name = "publishers"
urlpatterns = [
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("r/<slug:token>", follow_source, name="follow_source"),
    path("callbacks/<slug:key>/", callback, name="callback"),
]
