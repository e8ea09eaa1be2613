"""What the editor adds to Wagtail: alignment in paragraphs, live counters, previews."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.rich_text.converters.html_to_contentstate import BlockElementHandler
from wagtail.admin.rich_text.editors.draftail.features import BlockFeature
from wagtail.documents import urls as documents_urls
from wagtail.rich_text.feature_registry import FeatureRegistry

from cms.editor.covers import cover_facts
from cms.editor.fitting import fitting, shorter
from cms.editor.media import media, only_at_the_desk
from cms.editor.previews import preview_picture

hooks.register("before_serve_document", only_at_the_desk)


@hooks.register("register_admin_urls")
def serve_files() -> list[URLPattern | URLResolver]:
    return [
        path("media/<path:path>", media, name="hub_media"),
        path("files/", include(documents_urls)),
        path("fitting/<int:page_id>/", fitting, name="hub_fitting"),
        path("shorter/", shorter, name="hub_shorter"),
        path("cover-facts/<int:pk>/", cover_facts, name="hub_cover_facts"),
        path("preview-picture/<str:token>/", preview_picture, name="hub_preview_picture"),
    ]


@hooks.register("insert_editor_js")
def add_counters() -> SafeString:
    scripts = ((static(f"cms/{name}.js"),) for name in ("editor", "focus", "fitting"))
    return format_html_join("", '<script src="{}"></script>', scripts)


@hooks.register("insert_global_admin_css")
def add_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/editor.css"))


@hooks.register("register_rich_text_features")
def add_alignment(features: FeatureRegistry) -> None:
    """Let a paragraph stand in the middle or at the right, as a document's date and signature do."""
    for name, label, description in (
        ("align-center", "居中", _("Centred paragraph")),
        ("align-right", "居右", _("Paragraph at the right")),
    ):
        feature = BlockFeature({"type": name, "label": label, "description": description, "element": "p"})
        features.register_editor_plugin("draftail", name, feature)
        features.register_converter_rule(
            "contentstate",
            name,
            {
                "from_database_format": {f'p[class="{name}"]': BlockElementHandler(name)},
                "to_database_format": {
                    "block_map": {name: {"element": "p", "props": {"class": name}}},
                },
            },
        )


@hooks.register("construct_help_menu")
def leave_out_help(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Wagtail's leads to pages in English on another site."""
    menu_items.clear()
