"""A new hub: what bootstrap makes, says and leaves alone."""

import base64
import io
import stat

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, Page, Site, Task, Workflow

from cms import signing
from cms.models import HomePage, Membership, Office, Role, Stage
from cms.organisation.offices import grant
from cms.review.task import ReviewTask
from tests.factories import make_section, make_story, make_user
from tests.factories_release import approve_all, submit

pytestmark = pytest.mark.django_db
NAME = "岭南省妇女联合会"


@pytest.fixture(autouse=True)
def key_dir(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


@pytest.fixture
def run(capsys):
    """Run the command as an operator does and return what it prints."""

    def run(*arguments):
        call_command("bootstrap", *(arguments or ("--name", NAME)))
        return capsys.readouterr().out

    return run


def everything() -> dict:
    """Return what a second run must leave as it is."""
    rows = (Page, Site, Office, Workflow, ReviewTask, Group, Membership, get_user_model())
    found = {model.__name__: list(model.objects.order_by("pk").values()) for model in rows}
    found["keys"] = {file.name: file.read_bytes() for file in signing.key_file().parent.iterdir()}
    return found


def test_the_first_run_makes_what_the_first_article_needs(run):
    run()
    office = Office.objects.get()
    assert (office.code, office.name, office.branch.specific) == ("province", NAME, HomePage.objects.get())
    assert Site.objects.get().root_page.specific == HomePage.objects.get()
    assert {task.stage for task in ReviewTask.objects.all()} == set(Stage)
    assert Task.objects.count() == len(Stage)  # Wagtail's own is gone
    assert (Page.get_first_root_node().title, Collection.get_first_root_node().name) == ("全站", "全站")
    assert sorted(w.workflow_tasks.count() for w in Workflow.objects.filter(active=True)) == [2, 3, 4]
    author = make_user("author", office, Role.AUTHOR)
    for stage in office.stages:
        grant(make_user(f"reviewer{stage}"), office, Role.REVIEWER, stage)
    story = make_story(make_section(office), author=author)
    submit(story)
    assert approve_all(story).number == 1


def test_a_second_run_changes_nothing_at_all(run):
    first = run()
    before = everything()
    second = run("--name", "另一个名字", "--code", "other", "--administrator", "other")
    assert everything() == before
    assert NAME in second and "另一个名字" not in second
    assert "password" not in second.lower() and "密码" not in second
    assert "密码" in first


def test_a_second_run_needs_no_name_and_says_in_one_sentence_that_nothing_changed(run):
    run()
    before = everything()
    call_command("bootstrap", stdout=(said := io.StringIO()))
    assert everything() == before
    assert said.getvalue().splitlines()[0] == "没有缺少什么，没有做任何改动。"
    ReviewTask.objects.filter(stage=Stage.THIRD).delete()
    call_command("bootstrap", stdout=(said := io.StringIO()))
    assert "没有做任何改动" not in said.getvalue()


def test_a_run_mends_what_was_taken_away_and_keeps_what_people_made(run):
    run()
    office = Office.objects.get()
    story = make_story(make_section(office), author=make_user("author", office, Role.AUTHOR))
    Workflow.objects.all().delete()
    ReviewTask.objects.filter(stage=Stage.THIRD).delete()
    run()
    assert {task.stage for task in ReviewTask.objects.all()} == set(Stage)
    assert Workflow.objects.filter(active=True).count() == 3
    assert Page.objects.filter(pk=story.pk).exists()


def test_the_key_is_made_for_the_hub_alone_and_its_public_half_is_shown(run, key_dir):
    said = run()
    assert stat.S_IMODE(signing.key_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(key_dir.stat().st_mode) == 0o700
    [key] = signing.public_keys()
    assert key["key_id"] in said and key["public_key"] in said
    assert len(base64.b64decode(key["public_key"])) == 32
    shown = Client().get("/.well-known/nusheng-hub-keys.json").json()["keys"]
    assert shown == [key]
    assert "PRIVATE" not in said


def test_the_administrator_logs_in_with_the_password_that_was_shown(run):
    said = run("--name", NAME, "--administrator", "lin")
    password = said.split("：")[-1].split(": ")[-1].strip()
    client = Client()
    assert client.login(username="lin", password=password)
    root = Page.get_first_root_node()
    for address in (reverse("wagtailadmin_home"), reverse("wagtailadmin_explore", args=[root.pk])):
        assert client.get(address).status_code == 200, address
    lin = get_user_model().objects.get()
    assert Membership.objects.get(user=lin).role == Role.ADMINISTRATOR


def test_an_administrator_who_is_there_keeps_the_password(run):
    get_user_model().objects.create_superuser("chief", password="known to me alone")
    said = run("--name", NAME, "--administrator", "chief")
    assert "密码" not in said
    assert Client().login(username="chief", password="known to me alone")
    assert get_user_model().objects.count() == 1


def test_nothing_of_wagtails_own_review_is_left_that_lets_one_person_publish(run):
    run()
    assert not Group.objects.filter(permissions__codename="publish_page").exists()
    assert not Group.objects.filter(page_permissions__permission__codename="publish_page").exists()
    stages = ReviewTask.objects.values_list("task_ptr", flat=True)
    for workflow in Workflow.objects.filter(active=True):
        assert {task.task_id for task in workflow.workflow_tasks.all()} <= set(stages)


def test_a_signing_key_that_is_away_is_not_made_anew_unless_that_is_said(run):
    run()
    old = signing.public_keys()
    signing.key_file().unlink()
    with pytest.raises(CommandError, match=str(signing.key_file())):
        run()
    assert signing.public_keys() == old and not signing.key_file().exists()
    run("--new-key")
    assert len(signing.public_keys()) == 2 and signing.key_file().exists()


def test_the_name_of_the_office_is_asked_for(run):
    with pytest.raises(CommandError, match="--name"):
        call_command("bootstrap")
    assert not Office.objects.exists()
