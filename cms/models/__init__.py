"""The facts: offices and roles, the pages that hold articles, what was signed off. They import nothing above.

Articles and the states of a review are models, too, and stand in rooms of their own (``cms.apps``).
"""

from cms.models.focus import FOCUS
from cms.models.mails import Mail
from cms.models.offices import (
    STAGES_BY_COUNT,
    Membership,
    Office,
    Role,
    Stage,
    paths_down_to,
    role_label,
)
from cms.models.pages import ARTICLE_KINDS, BeforePage, HomePage, OfficePage, OnMicroSite, SectionPage
from cms.models.people import Anybody, name_of
from cms.models.releases import Blob, Release
from cms.models.topics import ArticleTag, Topic
from cms.models.variants import Variant
from cms.models.withdrawals import Withdrawal

__all__ = [
    "ARTICLE_KINDS",
    "FOCUS",
    "STAGES_BY_COUNT",
    "Anybody",
    "ArticleTag",
    "BeforePage",
    "Blob",
    "HomePage",
    "Mail",
    "Membership",
    "Office",
    "OfficePage",
    "OnMicroSite",
    "Release",
    "Role",
    "SectionPage",
    "Stage",
    "Topic",
    "Variant",
    "Withdrawal",
    "name_of",
    "paths_down_to",
    "role_label",
]
