"""The marketers' pages, in the order in which a marketer works."""

from campaigns.admin import (
    audience,
    campaign,
    channel,
    content,
    embedding,
    form,
    mailing,
    page_tests,
    pages,
    sending,
    sequence,
    step_wordings,
)

__all__ = [
    "audience",
    "campaign",
    "channel",
    "content",
    "embedding",
    "form",
    "mailing",
    "page_tests",
    "pages",
    "sending",
    "sequence",
    "step_wordings",
]
