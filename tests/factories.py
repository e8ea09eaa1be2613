"""What tests are made of: offices, people, pages and pictures, all real."""

from io import BytesIO

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from cms.articles import Commentary, EventPost, PolicyInterpretation, Story
from cms.models import HomePage, Office, OfficePage, SectionPage
from cms.organisation.offices import grant, open_office

TEXT = [("paragraph", "<p>她在村口办起了第一间儿童阅览室。</p>")]


def make_office(code="province", *, name=None, parent=None, kind=None, stage_count=3) -> Office:
    """Open an office with its branch; the first one without a parent owns the home page."""
    name = name or f"{code} 妇联"
    if parent is None and not Office.objects.exists():
        branch, kind = _home(name), kind or Office.Kind.PROVINCE
    else:
        parent = parent or Office.get_first_root_node()
        branch = HomePage.objects.get().add_child(instance=OfficePage(title=name, slug=code))
        kind = kind or Office.Kind.CITY
    return open_office(code=code, name=name, kind=kind, parent=parent, branch=branch, stage_count=stage_count)


def _home(name: str) -> HomePage:
    Site.objects.all().delete()
    root = Page.get_first_root_node()
    # Wagtail's welcome page, to which nothing else points: deleting it as Wagtail does took half of the time.
    welcome = root.get_children()
    welcome._raw_delete(welcome.db)
    Page.objects.filter(pk=root.pk).update(numchild=0)
    home = root.add_child(instance=HomePage(title=name, slug="home"))
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True, site_name=name)
    return home


def make_user(username, office=None, role=None, stage=None, **fields):
    """Make a person, with a role in an office when one is given."""
    user = get_user_model().objects.create_user(username, f"{username}@example.org", **fields)
    if role:
        grant(user, office, role, stage)
    return user


def make_section(office=None, title="专题") -> SectionPage:
    branch = (office or Office.get_first_root_node() or make_office()).branch.specific
    return branch.add_child(instance=SectionPage(title=title))


def make_story(section=None, author=None, **fields) -> Story:
    return _make_article(Story, section, author, {"title": "山里的阅览室", "body": TEXT, **fields})


def make_policy(section=None, author=None, **fields) -> PolicyInterpretation:
    given = {"title": "生育支持措施解读", "document_number": "粤妇发〔2026〕8号", "body": TEXT}
    return _make_article(PolicyInterpretation, section, author, {**given, **fields})


def make_event(section=None, author=None, **fields) -> EventPost:
    return _make_article(EventPost, section, author, {"title": "女性就业招聘会", "body": TEXT, **fields})


def make_commentary(section=None, author=None, **fields) -> Commentary:
    return _make_article(Commentary, section, author, {"title": "让照料被看见", "body": TEXT, **fields})


def _make_article(model, section, author, fields):
    """Make a draft as the editor does: never live, its first revision by ``author``."""
    variants = fields.pop("variants", [])
    page = model(live=False, owner=author, **fields)
    (section or SectionPage.objects.first() or make_section()).add_child(instance=page)
    page.variants = variants
    page.save_revision(user=author, clean=False)  # a draft may be incomplete
    return page


def picture_bytes(size=(600, 400), colour="#b3261e", kind="JPEG") -> bytes:
    out = BytesIO()
    Picture.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def make_image(title="图书角", size=(600, 400), colour="#b3261e", collection=None):
    """Store a real JPEG as a Wagtail picture."""
    file = ImageFile(BytesIO(picture_bytes(size, colour)), name="picture.jpg")
    place = {"collection": collection} if collection else {}
    return get_image_model().objects.create(title=title, file=file, **place)


def make_document(title="申请表", content=b"%PDF-1.4 form", filename="form.pdf"):
    """Store a real file as a Wagtail document."""
    return get_document_model().objects.create(title=title, file=ContentFile(content, name=filename))
