"""What others rely on is still there: plugins, stored data, operators' scripts, addresses, queued calls.

``outside_2967fd5.json`` lists what commit 2967fd5 had. Something leaves this list after a version in which
its old name was an alias.
"""

import importlib
import json
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db.migrations.loader import MigrationLoader
from django.urls import URLPattern, get_resolver
from wagtail.log_actions import registry

from cms.document import model
from config.celery import app
from publishers.interface import AccountSession, Item, Job, Picture

ROOT = Path(__file__).parents[2]
OUTSIDE = json.loads((Path(__file__).parent / "outside_2967fd5.json").read_text())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("module", OUTSIDE["public names"])
def test_a_plugin_finds_every_name_that_it_could_import(module):
    here = importlib.import_module(module)
    assert [name for name in OUTSIDE["public names"][module] if not hasattr(here, name)] == []


@pytest.mark.parametrize("kind", [AccountSession, Item, Job, Picture])
def test_a_stand_in_of_a_plugins_own_may_inherit_and_set_every_member(kind):
    made = type("Own", (kind,), {})()
    for name in kind.__annotations__:
        setattr(made, name, "set")
        assert getattr(made, name) == "set"


def test_an_alias_says_what_it_is_called_now():
    with pytest.warns(DeprecationWarning, match=r"publishers\.http"):
        importlib.reload(importlib.import_module("publishers.remote"))
    with pytest.warns(DeprecationWarning, match="read_document"):
        assert model.read is model.read_document


def test_data_lies_where_it_lay():
    models = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    assert set(OUTSIDE["models"]) <= set(models)
    columns = {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in models.values()
    }
    missing = {table: set(known) - columns.get(table, set()) for table, known in OUTSIDE["columns"].items()}
    assert {table: names for table, names in missing.items() if names} == {}


def test_migrations_keep_their_names():
    known = {f"{app_label}.{name}" for app_label, name in MigrationLoader(None).disk_migrations}
    assert set(OUTSIDE["migrations"]) <= known


def test_operators_find_their_commands_settings_and_tasks():
    assert set(OUTSIDE["commands"]) <= set(get_commands())
    written = (ROOT / ".env.example").read_text()
    assert set(OUTSIDE["settings"]) <= set(re.findall(r"^(HUB_\w+)=", written, re.MULTILINE))
    app.loader.import_default_modules()
    assert set(OUTSIDE["tasks"]) <= set(app.tasks)


def test_addresses_lead_where_they_led():
    found = list(_addresses(get_resolver()))
    assert set(OUTSIDE["addresses"]) <= {route for route, _name in found}
    assert set(OUTSIDE["address names"]) <= {name for _route, name in found}


def test_the_log_can_name_what_people_did():
    registry.scan_for_actions()
    assert set(OUTSIDE["log actions"]) <= set(registry.formatters)


def _addresses(resolver, before: str = ""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.name
        else:
            yield from _addresses(pattern, route)
