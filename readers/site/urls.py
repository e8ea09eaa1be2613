"""Addresses of the micro-site."""

from django.urls import path, register_converter

from readers.site import covers, files, views

register_converter(files.HashConverter, "sha256")

app_name = "site"
urlpatterns = [
    path("", views.home, name="home"),
    path("a/<int:page_id>/", views.article, name="article"),
    path("s/<int:section_id>/", views.section, name="section"),
    path("o/<slug:code>/", views.office, name="office"),
    path("b/<sha256:sha256>", files.blob, name="blob"),
    path("b/<sha256:sha256>/<int:width>", files.picture, name="picture"),
    path("b/<sha256:sha256>/<slug:cut>/<slug:seal>", covers.cover, name="cover"),
    path(".well-known/nusheng-hub-keys.json", views.keys, name="keys"),
    path("healthz", views.healthz, name="healthz"),
]
