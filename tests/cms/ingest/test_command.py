"""manage.py import_document"""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.models import Page

from cms.articles import PolicyInterpretation
from cms.ingest import MODELS
from cms.management.commands.import_document import Command
from cms.models import Role
from tests.chaos.processes import environment
from tests.cms.ingest import documents
from tests.factories import make_office, make_section, make_user


@pytest.fixture
def notice(tmp_path):
    path = tmp_path / "notice.docx"
    documents.illustrated(path)
    return path


def run(path, *arguments, kind="policy", office="province") -> str:
    out = StringIO()
    call_command("import_document", str(path), "--type", kind, "--office", office, *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments, **options) -> str:
    with pytest.raises(CommandError) as error:
        run(*arguments, **options)
    return str(error.value)


@pytest.mark.django_db
def test_it_says_which_page_is_a_draft_now_and_what_to_look_at(cast, notice):
    first, *warnings = run(notice).splitlines()
    page = PolicyInterpretation.objects.get()
    assert str(page.pk) in first and page.title in first
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in first
    assert len(warnings) == 4


@pytest.mark.django_db
def test_json_is_one_object_for_machines(cast, notice):
    said = json.loads(run(notice, "--json"))
    page = PolicyInterpretation.objects.get()
    assert said["warnings"] and all(isinstance(sentence, str) for sentence in said.pop("warnings"))
    assert said == {
        "page": page.pk,
        "title": "关于妇女之家标识的通知",
        "type": "policy",
        "edit": f"/admin/pages/{page.pk}/edit/",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_of_article_can_be_imported(kind, cast, notice):
    said = json.loads(run(notice, "--json", kind=kind))
    assert type(Page.objects.get(pk=said["page"]).specific) is MODELS[kind]


@pytest.mark.django_db
def test_the_page_goes_to_the_first_section_of_the_office_unless_one_is_named(cast, notice):
    other = make_section(cast.office, title="政策")
    assert PolicyInterpretation.objects.get(pk=json.loads(run(notice, "--json"))["page"]).get_parent().pk == (
        cast.section.pk
    )
    said = json.loads(run(notice, "--json", "--section", str(other.pk)))
    assert PolicyInterpretation.objects.get(pk=said["page"]).get_parent().pk == other.pk


@pytest.mark.django_db
def test_the_pictures_go_to_the_office_whose_section_it_is(cast, notice):
    city = make_office("city", parent=cast.office)
    make_section(city)
    run(notice, office="city")
    assert {image.collection for image in get_image_model().objects.all()} == {city.collection}


@pytest.mark.django_db
def test_who_imports_counts_as_the_author(cast, notice):
    run(notice, "--user", "editor")
    page = PolicyInterpretation.objects.get()
    assert (page.owner, page.latest_revision.user) == (cast.editor, cast.editor)


@pytest.mark.django_db
def test_without_a_name_the_first_administrator_imports(cast, notice):
    make_user("later", is_superuser=True)
    run(notice)
    assert PolicyInterpretation.objects.get().owner == cast.admin


@pytest.mark.django_db
def test_what_does_not_exist_is_named_in_one_sentence(cast, notice, tmp_path):
    city = make_office("city", parent=cast.office)
    foreign = make_section(make_office("county", parent=city))
    make_user("gone", is_superuser=True, is_active=False)
    assert refusal(notice, office="nowhere") == "没有代码为 nowhere 的单位。"
    assert refusal(notice, office="city") == "单位 city 没有这个栏目。"
    assert refusal(notice, "--section", str(foreign.pk)) == "单位 province 没有这个栏目。"
    assert refusal(notice, "--user", "nobody") == "没有这个启用中的用户，请用 --user 指定。"
    assert refusal(notice, "--user", "gone") == "没有这个启用中的用户，请用 --user 指定。"
    assert refusal(tmp_path / "missing.docx") == f"无法打开 {tmp_path / 'missing.docx'}。"
    assert refusal(tmp_path) == f"无法打开 {tmp_path}。"
    assert not PolicyInterpretation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["stranger", "reviewer1", "liaison", "duty"])
def test_who_may_not_write_there_may_not_import_there(username, cast, notice):
    assert refusal(notice, "--user", username) == "您没有在这个栏目添加稿件的权限。"
    assert not PolicyInterpretation.objects.exists()


@pytest.mark.django_db
def test_an_author_of_another_office_may_not_import_here(cast, notice):
    city = make_office("city", parent=cast.office)
    make_section(city)
    make_user("other", city, Role.AUTHOR)
    assert refusal(notice, "--user", "other") == "您没有在这个栏目添加稿件的权限。"
    assert json.loads(run(notice, "--json", "--user", "other", office="city"))["page"]


def manage(folder, *arguments):
    """Run manage.py as an operator does, on the tests' database."""
    return subprocess.run(
        [sys.executable, "manage.py", "import_document", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=environment(connection.settings_dict, folder) | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.mark.django_db(transaction=True)
def test_from_a_shell_success_is_status_0_and_a_refusal_is_status_1_with_one_sentence(cast, notice, tmp_path):
    asked = ("--type", "policy", "--office", "province", "--json")
    done = manage(tmp_path, notice, *asked)
    assert (done.returncode, json.loads(done.stdout)["type"]) == (0, "policy")
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04 broken")
    refused = manage(tmp_path, tmp_path / "a.docx", *asked)
    assert (refused.returncode, refused.stdout) == (1, "")
    [line] = refused.stderr.strip().splitlines()
    assert line.startswith("CommandError: 文件已损坏")
    assert PolicyInterpretation.objects.count() == 1


def test_help_names_every_option():
    said = Command().create_parser("manage.py", "import_document").format_help()
    for option in ("FILE", "--type", "--office", "--section", "--user", "--json", *MODELS):
        assert option in said
