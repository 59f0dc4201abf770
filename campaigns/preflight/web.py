"""Whether links answer and how heavy pictures are: asks the web, bounded, many at once.

Where no name can be resolved at all this machine has no web: that is one note, and no alarm.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser

from campaigns.preflight import fetch
from campaigns.preflight.findings import ERROR, NOTE, WARNING, Finding, Mail
from campaigns.preflight.links import NOT_MEANT, is_own
from campaigns.preflight.markup import is_unseen

MOST_ASKED = 40
AT_ONCE = 8
ALL_SECONDS = 15
KEPT_SECONDS = 600
HEAVY, ALL_HEAVY = 200 * 1024, 1024 * 1024  # bytes: of one picture, of all
REFUSES_MACHINES = (401, 403, 405, 429, 999)  # a person may well see the page

Asked = dict[str, fetch.Answer | Exception]
_kept: dict[str, tuple[float, fetch.Answer | Exception]] = {}


def ask(mails: Iterable[Mail], *, allowed: Collection[str] = ()) -> Asked | None:
    """What all links and pictures of these mails answer; None where this server reaches no web.

    An answer is kept for ten minutes in this process, so that looking twice does not ask twice.
    """
    jobs: dict[str, Callable[[], fetch.Answer]] = {}
    for mail in mails:
        jobs |= {link: partial(fetch.ask, link, allowed=allowed) for link in _links(mail)}
        jobs |= {one: partial(fetch.ask, one, body=True, allowed=allowed) for one in _pictures(mail)}
    fresh = {address: job for address, job in jobs.items() if not _is_kept(address)}
    if fresh and not allowed and not has_web():
        return None
    for address, answer in _asked(fresh).items():
        _kept[address] = (time.monotonic(), answer)
    return {address: _kept[address][1] for address in jobs}


def check(mail: Mail, asked: Asked | None) -> Iterator[Finding]:
    """Dead and redirecting links, pictures that are missing or heavy."""
    links, pictures = _links(mail), _pictures(mail)
    if asked is None:
        if links or pictures:
            words = _("Links and pictures were not tried: this server reaches no web.")
            yield Finding("web-absent", NOTE, words)
        return
    for link in links:
        yield from _of_link(link, asked[link])
    yield from _of_pictures(pictures, asked)


def forget() -> None:
    """Ask everything anew."""
    _kept.clear()


def _is_kept(address: str) -> bool:
    return address in _kept and time.monotonic() - _kept[address][0] < KEPT_SECONDS


def _links(mail: Mail) -> list[str]:
    found = (target for _source, target in mail.targets)
    return [target for target in found if not is_own(target) and not NOT_MEANT.match(target)]


def has_web() -> bool:
    """Whether names of the public net can be resolved here."""
    for name in ("www.iana.org", "www.wikipedia.org"):
        try:
            socket.getaddrinfo(name, 443)
        except OSError:
            continue
        return True
    return False


def _pictures(mail: Mail) -> list[str]:
    nodes = LexborHTMLParser(mail.html).css("img[src]")
    found = (node.attributes.get("src") or "" for node in nodes if not is_unseen(node))
    whole = (source for source in found if source.startswith(("http://", "https://")) and not is_own(source))
    return list(dict.fromkeys(whole))


def _asked(jobs: dict[str, Callable[[], fetch.Answer]]) -> Asked:
    """Every address's answer, or why there is none; what took too long says so."""
    late = fetch.Unreachable("it took too long")
    answers: Asked = dict.fromkeys(jobs, late)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preflight")
    try:
        running: dict[Future[fetch.Answer], str] = {
            pool.submit(job): address for address, job in list(jobs.items())[:MOST_ASKED]
        }
        done, _still = wait(running, timeout=ALL_SECONDS)
        for future in done:
            answers[running[future]] = future.exception() or future.result()  # type: ignore[assignment]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return answers


def _of_link(link: str, answer: fetch.Answer | Exception) -> Iterator[Finding]:
    if isinstance(answer, fetch.Private):
        words = _("This address leads into a private network; readers cannot reach it.")
        yield Finding("link-private", ERROR, words, link)
    elif isinstance(answer, fetch.Unreachable):
        level = ERROR if answer.sure else WARNING
        yield Finding("link-dead", level, _("The link does not answer: %s.") % answer, link)
    elif isinstance(answer, fetch.Answer):
        yield from _of_answer(link, answer)
    else:
        raise answer


def _of_answer(link: str, answer: fetch.Answer) -> Iterator[Finding]:
    if answer.status >= 400 and answer.status not in REFUSES_MACHINES:
        level = ERROR if answer.status in (404, 410) else WARNING
        words = _("The link answers with error %(status)d.") % {"status": answer.status}
        yield Finding("link-dead", level, words, link)
    elif answer.status in REFUSES_MACHINES:
        words = _("The link refuses to be tried by a program (%(status)d). Follow it yourself once.")
        yield Finding("link-untried", NOTE, words % {"status": answer.status}, link)
    elif answer.redirects and not _only_tidies(link, answer.address):
        words = _("The link is led on to %(to)s. Link there directly; each station loses readers.")
        yield Finding("link-redirects", WARNING, words % {"to": answer.address[:120]}, link)


def _only_tidies(link: str, to: str) -> bool:
    """A slash at the end or `www.`: nothing a writer should have to mend."""

    def bare(address: str) -> tuple[str, str]:
        parts = urlsplit(address)
        return (parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"))

    return bare(link) == bare(to) and urlsplit(link).scheme == urlsplit(to).scheme


def _of_pictures(pictures: list[str], answers: Asked) -> Iterator[Finding]:
    total = 0
    for picture in pictures:
        answer = answers[picture]
        if isinstance(answer, fetch.Private):
            yield Finding(
                "picture-dead",
                ERROR,
                _("The picture lies in a private network; readers cannot load it."),
                picture,
            )
        elif isinstance(answer, Exception):
            yield Finding("picture-dead", WARNING, _("The picture does not load: %s.") % answer, picture)
        elif answer.status >= 400 or not answer.content_type.startswith("image/"):
            yield Finding("picture-dead", ERROR, _("There is no picture at this address."), picture)
        else:
            total += answer.size
            if answer.size > HEAVY:
                words = _(
                    "The picture weighs %(size)d KB. Under 200 KB loads on a phone before it is scrolled by."
                )
                yield Finding("picture-heavy", WARNING, words % {"size": answer.size // 1024}, picture)
    if total > ALL_HEAVY:
        words = _("All pictures together weigh %(size)d KB.") % {"size": total // 1024}
        yield Finding("pictures-heavy", WARNING, words)
