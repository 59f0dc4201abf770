"""One process in the house's own environment that answers the tests with the words of `world`.

It reads lines such as ``["lead", "ada@works.example"]`` and answers each with ``{"told": …}`` or ``{"failed": "why"}``.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TextIO

from crm.tests.browser.world import WORDS


def listen(asked: TextIO, answers: TextIO) -> None:
    """Answer line by line until nobody asks any more."""
    from django.db import close_old_connections

    from campaigns.kept import forget_everything

    for line in asked:
        word, *rest = json.loads(line)
        forget_everything()
        try:
            answer = {"told": WORDS[word](*rest)}
        except Exception:  # noqa: BLE001 - the test says it, and the next one may ask again
            answer = {"failed": traceback.format_exc()}
        close_old_connections()
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    answers, sys.stdout = sys.stdout, sys.stderr  # what a verb prints is no answer
    listen(sys.stdin, answers)
