from django.urls import path, re_path

from publishers.callbacks.views import callback, follow_source, signed_callback
from publishers.feeds.views import feed
from publishers.operations.health import readyz
from publishers.operations.metrics import metrics

app_name = "publishers"
urlpatterns = [
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("r/<slug:token>", follow_source, name="follow_source"),
    re_path(r"^feeds/(?P<number>[0-9]{1,18})/(?P<key>[-\w]{1,100})\.(?P<form>xml|json)$", feed, name="feed"),
    path("callbacks/<slug:key>/", callback, name="callback"),
    path("callbacks/<int:number>", signed_callback, name="signed_callback"),
    path("callbacks/<slug:platform>/<int:number>", signed_callback, name="signed_callback"),
]
