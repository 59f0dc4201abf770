"""Which piece a form was about: the one of its day, whatever its page offers since."""

from campaigns.models import Asset
from leads.models import Submission, Touch


def piece_of(submission: Submission) -> Asset | None:
    """As the touch of the form keeps it. A form in quarantine has none; it is about what its page offers."""
    touch = Touch.objects.filter(submission=submission).select_related("asset__kind", "asset__topic").first()
    if touch is not None:
        return touch.asset
    return submission.page.asset if submission.page is not None else None
