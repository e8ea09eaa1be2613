"""A large file is imported a piece at a time."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from wagtail.images import get_image_model

from cms.articles import PolicyInterpretation
from tests.chaos.processes import environment
from tests.cms.ingest.documents import big_docx

# The peak of the process itself: getrusage would count the memory of the process that started it, too.
IMPORT_AND_MEASURE = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "import_document", *sys.argv[1:]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak memory from /proc")
@pytest.mark.django_db(transaction=True)
def test_thirty_megabytes_with_sixty_pictures_take_less_than_three_hundred_of_memory(cast, tmp_path):
    path = tmp_path / "big.docx"
    big_docx(path, megabytes=30, pictures=60)
    command = [sys.executable, "-c", IMPORT_AND_MEASURE, path, "--type", "policy", "--office", "province"]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment(connection.settings_dict, tmp_path) | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    peak_mb = int(done.stdout.split()[-1]) / 1024
    print(f"peak memory {peak_mb:.0f} MB for {path.stat().st_size / 1024**2:.1f} MB")
    assert peak_mb < 300
    assert get_image_model().objects.count() == 60
    assert PolicyInterpretation.objects.get().title == "关于印发年度影像集的通知"
