"""The one front door. Every way in (page, embedded form, API, check-in, staff) ends in ``capture``.

``entry`` what came in · ``known`` what we know of the sender, in one query · ``decide`` the rows that follow ·
``rows`` and ``statement`` write them, one by one or all at once · ``door`` the two verbs.
"""

from leads.capture.door import capture, release
from leads.capture.entry import Captured, Stated

__all__ = ["Captured", "Stated", "capture", "release"]
