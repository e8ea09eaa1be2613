"""The facts: offices and roles, the pages that hold articles, what was signed off. They import nothing above.

Articles and the states of a review are models, too, and stand in rooms of their own (``cms.apps``).
"""

from cms.models.offices import Membership, Office, Role, Stage
from cms.models.pages import HomePage, OfficePage, SectionPage
from cms.models.releases import Blob, Release
from cms.models.topics import ArticleTag, Topic
from cms.models.variants import Variant
from cms.models.withdrawals import Withdrawal

__all__ = [
    "ArticleTag",
    "Blob",
    "HomePage",
    "Membership",
    "Office",
    "OfficePage",
    "Release",
    "Role",
    "SectionPage",
    "Stage",
    "Topic",
    "Variant",
    "Withdrawal",
]
