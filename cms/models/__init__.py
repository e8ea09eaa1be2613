from cms.models.kinds import Commentary, EventPost, PolicyInterpretation, Story
from cms.models.offices import Membership, Office, Role
from cms.models.pages import HomePage, OfficePage, SectionPage
from cms.models.releases import Blob, Reading, ReadingAsset, Release
from cms.models.topics import ArticleTag, Topic
from cms.models.variants import Variant
from cms.models.withdrawals import Withdrawal
from cms.review.run import ReviewRun
from cms.review.state import ReviewState
from cms.review.task import ReviewTask

__all__ = [
    "ArticleTag",
    "Blob",
    "Commentary",
    "EventPost",
    "HomePage",
    "Membership",
    "Office",
    "OfficePage",
    "PolicyInterpretation",
    "Reading",
    "ReadingAsset",
    "Release",
    "ReviewRun",
    "ReviewState",
    "ReviewTask",
    "Role",
    "SectionPage",
    "Story",
    "Topic",
    "Variant",
    "Withdrawal",
]
