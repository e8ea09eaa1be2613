from django.urls import path

from publishers.views import follow_source

app_name = "publishers"
urlpatterns = [path("r/<slug:token>", follow_source, name="follow_source")]
