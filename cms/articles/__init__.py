"""Articles: the four kinds, as pages that are written, previewed and reviewed."""

from cms.articles.article import Article
from cms.articles.kinds import Commentary, EventPost, PolicyInterpretation, Story

__all__ = ["Article", "Commentary", "EventPost", "PolicyInterpretation", "Story"]
