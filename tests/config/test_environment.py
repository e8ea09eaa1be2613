"""Variables: the example starts, blank is unset, the shell goes before .env, folders are the project's."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = "import config.settings as s; print(s.{})"


@pytest.fixture
def project(tmp_path):
    """Return a folder with the hub's settings, its code beside it, in which ``.env`` may be written."""
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)  # Python looks for modules where a script really lies
    for name in ("cms", "readers", "publishers", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(project: Path, *arguments: str, cwd: Path | None = None, **said: str) -> subprocess.CompletedProcess:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or project,
        env=outside | {"PYTHONPATH": str(project)} | said,
        capture_output=True,
        text=True,
        check=False,
    )


def python(project: Path, *arguments: str, cwd: Path | None = None, **said: str) -> str:
    ran = run(project, *arguments, cwd=cwd, **said)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def setting(project: Path, name: str, **said: str) -> str:
    return python(project, "-c", SHOW.format(name), **said)


def test_the_example_as_it_is_starts_and_answers(project):
    shutil.copy(ROOT / ".env.example", project / ".env")
    python(project, "manage.py", "migrate", "--verbosity", "0")
    asked = (
        "import django; django.setup(); from django.test import Client; "
        "print(Client(headers={'host': '127.0.0.1'}).get('/admin/login/').status_code)"
    )
    assert python(project, "-c", asked, DJANGO_SETTINGS_MODULE="config.settings") == "200"


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_variable_is_an_unset_one_wherever_it_stands(project, blank):
    usual = setting(project, "DATABASES['default']['ENGINE']")
    assert setting(project, "DATABASES['default']['ENGINE']", HUB_DATABASE_URL=blank) == usual
    (project / ".env").write_text(f"HUB_QUEUE={blank}\nHUB_FROM_EMAIL=hub@lingnan.example\n")
    assert setting(project, "QUEUE") == "hub"
    assert setting(project, "DEFAULT_FROM_EMAIL", HUB_FROM_EMAIL=blank) == "hub@lingnan.example"


def test_the_shell_goes_before_the_file_for_django_and_for_the_processes(project):
    (project / ".env").write_text("HUB_BIND=127.0.0.1:8001\n")
    (project / "Procfile").write_text("web: echo $HUB_BIND\n")
    shown = ("-m", "config.run", "--env", "/dev/null", "start")
    assert setting(project, "BIND") == "127.0.0.1:8001"
    assert "127.0.0.1:8001" in python(project, *shown)
    said = {"HUB_BIND": "127.0.0.1:8002"}
    assert setting(project, "BIND", **said) == "127.0.0.1:8002"
    assert setting(project, "PUBLIC_URL", **said) == "http://127.0.0.1:8002"
    assert "127.0.0.1:8002" in python(project, *shown, **said)


def test_a_secret_in_the_shell_goes_before_a_file_that_the_file_names(project):
    (project / "key").write_text("of the file")
    (project / ".env").write_text(f"HUB_SECRET_KEY_FILE={project}/key\n")
    assert setting(project, "SECRET_KEY") == "of the file"
    assert setting(project, "SECRET_KEY", HUB_SECRET_KEY="of the shell") == "of the shell"


def test_a_password_may_hold_what_a_shell_would_expand(project):
    (project / ".env").write_text("HUB_SECRET_KEY=a${HOME}$b\n")
    assert setting(project, "SECRET_KEY") == "a${HOME}$b"


@pytest.mark.parametrize("name", ["DATA_DIR", "MEDIA_ROOT", "KEY_DIR", "DATABASES['default']['NAME']"])
def test_folders_are_the_projects_wherever_a_command_is_called(project, tmp_path_factory, name):
    (project / ".env").write_text("HUB_DATA_DIR=.data\nHUB_MEDIA_ROOT=media\nHUB_KEY_DIR=.data/keys\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert python(project, "-c", SHOW.format(name), cwd=elsewhere) == setting(project, name)
    assert setting(project, name).startswith(str(project))


def test_an_address_that_is_taken_is_said_before_anything_is_done(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = run(project, "manage.py", "setup", "--before-start", HUB_BIND=bind)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert bind in refused.stderr and "HUB_BIND" in refused.stderr
    assert not (project / ".data" / "hub.sqlite3").exists()


def test_the_demonstration_is_not_loaded_in_production(project):
    safe = {"HUB_MODE": "production", "HUB_SECRET_KEY": "k" * 50, "HUB_CREDENTIAL_KEYS": "A" * 43 + "="}
    refused = run(project, "manage.py", "setup", HUB_ALLOWED_HOSTS="hub.example.cn", **safe)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert "bootstrap" in refused.stderr


def test_a_clone_that_nobody_compiled_speaks_chinese(project):
    for compiled in project.glob("config/*/*/*/*.mo"):
        compiled.unlink()
    refused = run(project, "manage.py", "restore", str(project / "none"))
    assert "没有完整的备份" in refused.stderr
    assert len(list(project.glob("config/*/*/*/*.mo"))) == 2
