"""Whoever reads a command's output may leave, and may take any encoding: no traceback comes of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def env(tmp_path, migrated_file):
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    (tmp_path / "hub.sqlite3").write_bytes(migrated_file.read_bytes())
    return outside | {"HUB_DATA_DIR": str(tmp_path), "HUB_LOG_LEVEL": "CRITICAL"}


def manage(command, env, **streams):
    return subprocess.run(
        [sys.executable, "manage.py", *command.split()], cwd=ROOT, env=env, check=False, **streams
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["delivery list", "doctor", "doctor --json", "help", "check --deploy"])
def test_a_reader_who_has_left_ends_the_command_quietly(command, unbuffered, env):
    reader, writer = os.pipe()
    os.close(reader)
    ran = manage(command, env | {"PYTHONUNBUFFERED": unbuffered}, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert "BrokenPipe" not in ran.stderr.decode() and "Traceback" not in ran.stderr.decode()
    assert ran.returncode == 1


def test_a_reader_of_both_streams_who_has_left_does_so_too(env):
    reader, writer = os.pipe()
    os.close(reader)
    assert manage("doctor", env, stdout=writer, stderr=writer).returncode == 1
    os.close(writer)


BROKEN_ELSEWHERE = """
import os
from config.streams import end_quietly
reader, writer = os.pipe()
os.close(reader)
try:
    os.write(writer, b"x")
except BrokenPipeError as error:
    end_quietly(error)
"""


def test_another_pipe_that_breaks_is_told_as_ever():
    ran = subprocess.run([sys.executable, "-c", BROKEN_ELSEWHERE], cwd=ROOT, capture_output=True, check=False)
    assert b"BrokenPipeError" in ran.stderr


@pytest.mark.parametrize(
    ("asked", "written"), [("ascii", "utf-8"), ("latin-1", "utf-8"), ("utf-8", "utf-8"), ("gbk", "gbk")]
)
def test_chinese_is_written_whatever_the_encoding(asked, written, env):
    ran = manage("doctor", env | {"PYTHONIOENCODING": asked}, capture_output=True)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr.decode(written)
    assert "没有写错" in ran.stdout.decode(written) and "不正常" in ran.stderr.decode(written)
    assert ("✓" if written == "utf-8" else r"\u2713") in ran.stdout.decode(written)
    refused = manage("delivery show 0", env | {"PYTHONIOENCODING": asked}, capture_output=True)
    assert any("一" <= letter <= "鿿" for letter in refused.stderr.decode(written))
