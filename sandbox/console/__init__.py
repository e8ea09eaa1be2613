"""The platforms' own consoles, in which a person publishes by hand what no interface takes.

One page for all of them; how they differ is declared in rules.py, after ``docs/platforms/*.md``.
``GET /<slug>/console/<account>`` shows it. ``POST`` takes the form fields title, digest, author, html,
source_url, cover (files, or addresses one a line) and answers 303 to the article's page, which readers can
open after the setting ``review_s``; what the console does not take is HTTP 400 and a page that says why.

``article``, the last part of a published article's address, makes it a change of that one, or with
``action=withdraw`` takes it down. ``action=send`` with ``draft`` publishes what an interface left as a draft.
The faults reject_review, stall_review and ban_later strike here too.
"""

from .. import submissions
from ..room import Room
from . import pages

ROOM = Room(routes=pages.ROUTES, settle=submissions.settle, finish=submissions.finish)
