"""What deploy/ holds is accepted by those who read it, as far as they are on this machine."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
LINES = {"deliveries", "urgent", "aside"}
#: Where they come to lie in a tree that somebody runs.
SECRETS = ("deploy/hub.env", "deploy/db.password", ".env", ".git/config", ".data/keys/signing.pem")


def needs(program: str):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"There is no {program} on this machine.")


@needs("systemd-analyze")
def test_systemd_takes_the_units(tmp_path):
    """With programs that are there and a user that exists: systemd looks for both."""
    for unit in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"(ExecStart\w*)=/srv/hub/\.venv/bin/\S+", r"\1=/bin/true", unit.read_text())
        assert "/srv/hub" in text or unit.suffix == ".timer"
        (tmp_path / unit.name).write_text(re.sub(r"(User|Group)=hub", r"\1=root", text))
    units = sorted(str(unit) for unit in tmp_path.iterdir())
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in ran.stderr.splitlines() if "hub-" in line and str(tmp_path) in line]
    assert ran.returncode == 0 and ours == [], ran.stderr


def test_what_the_units_start_is_installed_by_the_requirements():
    pinned = (ROOT / "requirements.txt").read_text()
    for unit in (DEPLOY / "systemd").glob("*.service"):
        for program in re.findall(r"/srv/hub/\.venv/bin/(\w+)", unit.read_text()):
            assert program == "python" or re.search(rf"^{program}==", pinned, re.MULTILINE), program


def image(folder: Path) -> Path:
    """Return what ``COPY . .`` takes of a tree with secrets in it; docker goes by the last line that fits."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    everything, *taken = [line for line in lines if line and not line.startswith("#")]
    assert everything == "*", "Only what is named is taken: whatever else comes to lie there is not."
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in [*tracked.stdout.split("\0")[:-1], *SECRETS]:
        if any(fnmatch.fnmatch(name.partition("/")[0], line.removeprefix("!")) for line in taken):
            to = folder / name
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(b"secret" if name in SECRETS else (ROOT / name).read_bytes())
    return folder


def test_the_image_holds_no_secret_and_all_that_the_hub_runs(tmp_path):
    made = image(tmp_path / "srv")
    assert not [name for name in SECRETS if (made / name).exists()]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env = outside | {"HUB_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": ""}
    for asked in (["-m", "config.messages", "compile"], ["manage.py", "check"], ["-c", "import config.wsgi"]):
        ran = subprocess.run(
            [sys.executable, *asked], cwd=made, env=env, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr


def test_git_takes_no_secret(tmp_path):
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for name in SECRETS:
        if not name.startswith(".git/"):
            asked = ["git", "-C", str(tmp_path), "check-ignore", "--quiet", name]
            assert subprocess.run(asked, check=False).returncode == 0, name


@needs("docker")
def test_compose_takes_the_file(tmp_path):
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    (tmp_path / "deploy" / "hub.env").write_text("HUB_SECRET_KEY=x\n")
    (tmp_path / "deploy" / "db.password").write_text("x")
    asked = ["docker", "compose", "-f", str(tmp_path / "deploy" / "compose.yaml"), "config", "--quiet"]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    if "is not a docker command" in ran.stderr or "unknown" in ran.stderr:
        pytest.skip("This docker has no compose.")
    assert ran.returncode == 0, ran.stderr


def lines_of(commands) -> set[str]:
    """Return which lines of calls the commands work on, of all that start a worker."""
    told = [command for command in commands if re.search(r"\bcelery\b.* worker\b", command)]
    return {",".join(sorted(re.findall(r"--queues (\w+)", command))) for command in told}


def test_compose_units_and_procfile_start_the_same():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    composed = [" ".join(service.get("command", ())) for service in services.values()]
    units = [unit.read_text() for unit in (DEPLOY / "systemd").glob("*.service")]
    started = re.findall(r"^ExecStart=(.+)$", "\n".join(units), re.MULTILINE)
    in_the_folder = (ROOT / "Procfile").read_text().splitlines()
    assert lines_of(composed) == lines_of(started) == lines_of(in_the_folder) == LINES
    for commands in (composed, started, in_the_folder):
        assert len([command for command in commands if re.search(r"\bcelery\b.* beat$", command)]) == 1


def test_the_documented_units_and_files_are_there():
    told = (ROOT / "docs" / "operations.md").read_text()
    for name in ("deploy/systemd", "deploy/nginx.conf"):
        assert name in told and (ROOT / name).exists()
    for name in " ".join(
        re.findall(r"systemctl enable --now ([\w. -]+?)(?: {2,}#|$)", told, re.MULTILINE)
    ).split():
        unit = name if name.endswith(".timer") else f"{name}.service"
        assert (DEPLOY / "systemd" / unit).exists(), name
