"""What deploy/ holds is accepted by those who read it, as far as they are on this machine."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


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


@needs("nginx")
def test_nginx_takes_the_example(tmp_path):
    made = tmp_path / "cert.pem"
    subject = ["-subj", "/CN=hub.example.cn", "-days", "1"]
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    subprocess.run(
        [*key, "-keyout", made.with_name("key.pem"), "-out", made], check=True, capture_output=True
    )
    text = (DEPLOY / "nginx.conf").read_text()
    text = text.replace("/etc/ssl/hub/fullchain.pem", str(made))
    text = text.replace("/etc/ssl/hub/privkey.pem", str(made.with_name("key.pem")))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; events {{}} http {{ {text} }}")
    ran = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


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


def test_the_documented_units_and_files_are_there():
    told = (ROOT / "docs" / "operations.md").read_text()
    for name in ("deploy/systemd", "deploy/nginx.conf"):
        assert name in told and (ROOT / name).exists()
    for name in " ".join(
        re.findall(r"systemctl enable --now ([\w. -]+?)(?: {2,}#|$)", told, re.MULTILINE)
    ).split():
        unit = name if name.endswith(".timer") else f"{name}.service"
        assert (DEPLOY / "systemd" / unit).exists(), name
