"""manage.py demo [--input FILE] [--json]"""

import json
import os
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

import requests
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from cms.demo.documents import write_policy
from cms.management.commanding import InOneSentence
from publishers.demo.desk import Unexpected
from publishers.demo.logins import Logins
from publishers.demo.services import environment, running
from publishers.demo.walk import Failed, Walk
from publishers.management.commands.setup import FILE

# Set where the walk runs: settings are read from the environment once, when the process starts.
INSIDE = "HUB_DEMO_FOLDER"


class Command(InOneSentence):
    help = (
        "Walk one file from import to its readers on every platform, and take it from them again, each step "
        "by another person: over HTTP, with a real worker and the sandbox, in a folder of its own that is "
        "removed at the end. Exit status 1 when anything failed."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--input", metavar="FILE", help="a .docx, .txt, .md or .html file; ours if left out"
        )
        parser.add_argument("--json", action="store_true", help="print JSON for machines")
        parser.add_argument("--keep", action="store_true", help="go on serving the addresses until Enter")

    def handle(self, *, input, json, keep, **options):
        if folder := os.environ.get(INSIDE):
            self._walk(Path(folder), input, as_json=json, keep=keep)
            return
        if input and not Path(input).is_file():
            raise CommandError(f"没有这个文件：{input}")
        with tempfile.TemporaryDirectory(prefix="hub-demo-") as made:
            env = environment(Path(made)) | {INSIDE: made}
            # The same command again, with the settings of the demonstration.
            again = subprocess.run([sys.executable, *sys.argv], env=env, check=False)  # noqa: S603
        sys.exit(again.returncode)

    def _walk(self, folder: Path, file: str | None, *, as_json: bool, keep: bool) -> None:
        call_command("setup", without_articles=True, stdout=StringIO())
        path = Path(file) if file else folder / "岭南妇字〔2026〕18号.docx"
        if not file:
            write_policy(path)
        logins = Logins(settings.DATA_DIR / FILE)
        walk = Walk(path, say=lambda line: None if as_json else self._say(line), logins=logins)
        with running(folder, dict(os.environ)):
            try:
                walk.run()
                if not keep:
                    walk.withdraw()
            except (Failed, Unexpected, requests.RequestException) as failure:
                walk.failed.append(str(failure))
            self._report(walk, as_json)
            if keep:
                input("回车结束。")
        sys.exit(1 if walk.failed else 0)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _report(self, walk: Walk, as_json: bool) -> None:
        if as_json:
            report = {
                "steps": walk.steps,
                "published": walk.published,
                "withdrawn": walk.withdrawn,
                "failed": walk.failed,
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        for sentence in walk.failed:
            self._say(f"未完成：{sentence}")
        if walk.withdrawn:
            self._say(f"demo: {len(walk.withdrawn)} withdrawn")
        self._say(f"demo: {len(walk.published)} published, {len(walk.failed)} failed")
