"""The demonstration, as `make demo` runs it: real processes, real HTTP, nothing of the tests' own."""

import json
import os
import subprocess
import sys

from django.conf import settings

PLATFORMS = ("微信公众号", "企鹅号", "头条号", "网易号", "南方号", "一点号", "合作方")
PLACES = {"微网站", "内容接口", "微信公众号·云山女声"} | {f"{name}·岭南女声" for name in PLATFORMS}


def demo(*arguments, tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=settings.BASE_DIR,
        env=env | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )


def test_a_word_file_reaches_its_readers_everywhere_and_is_taken_from_them_again(tmp_path):
    ran = demo("--json", tmp_path=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = json.loads(ran.stdout)
    assert report["failed"] == [] and set(report["published"]) == set(report["withdrawn"]) == PLACES
    people = " ".join(step["step"] for step in report["steps"])
    assert all(name in people for name in ("editor", "reviewer1", "reviewer2", "reviewer3", "duty"))
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


def test_a_file_that_is_not_there_is_said_in_one_sentence(tmp_path):
    ran = demo("--input", "nowhere.docx", tmp_path=tmp_path)
    assert ran.returncode == 1 and "nowhere.docx" in ran.stderr and "Traceback" not in ran.stderr
