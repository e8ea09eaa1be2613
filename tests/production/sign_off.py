"""Fed to ``manage.py shell``: three reviewers sign an article off; prints the number of its page."""

import uuid

from cms.models import Office, Role
from tests.factories import make_image, make_section, make_story, make_user
from tests.factories_release import make_release

office = Office.get_first_root_node()
author = make_user(f"writer-{uuid.uuid4().hex[:8]}", office, Role.AUTHOR)
story = make_story(make_section(office), author, title="灯下的人多起来", cover=make_image())
story.cover_alt, story.cover_credit = "村里的阅览室", "何静 摄"
story.save_revision(user=author)
print("page", make_release(story).page_id)
