"""The blocks that an article is written in. Their names in a stream are the Document's block types."""

from cms.blocks.streams import (
    AudienceStream,
    BodyStream,
    HowToApplyStream,
    OriginalStream,
    QuestionsStream,
    ResultStream,
)

__all__ = [
    "AudienceStream",
    "BodyStream",
    "HowToApplyStream",
    "OriginalStream",
    "QuestionsStream",
    "ResultStream",
]
