"""The marketers' pages, in the order in which a marketer works."""

from campaigns.admin import audience, campaign, content, mailing, pages

__all__ = ["audience", "campaign", "content", "mailing", "pages"]
