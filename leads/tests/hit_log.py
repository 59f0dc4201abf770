"""A log of hits with labels, planted with a fixed seed: who reads mails and pages, and what scans them.

The shares are chosen, not measured: about as many machine hits as human ones, and in each group a few of the hardest
sort (a scanner like a browser that follows one link late; a reader who opens every link of a mail at once).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leads.models import Hit, Message, Person
from leads.tests.judging_world import BROWSER, a_message

LINKS = 6
PEOPLE = 160
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.3 Mobile/15E148 Safari/604.1"
)
EDGE = BROWSER + " Edg/131.0.0.0"
MAIL_APP = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
HUMAN, MACHINE = "human", "machine"


@dataclass
class Log:
    """Hits with their labels, in the order in which they are written."""

    hits: list[tuple[str, Hit]] = field(default_factory=list)

    def add(self, label: str, **columns) -> None:
        self.hits.append((label, Hit(**{"agent": BROWSER, **columns})))

    def write(self) -> dict[int, str]:
        """Saved in order of time; the labels by id."""
        self.hits.sort(key=lambda pair: pair[1].at)
        saved = Hit.objects.bulk_create([hit for _, hit in self.hits])
        return {hit.pk: label for hit, (label, _) in zip(saved, self.hits, strict=True)}


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def planted(seed: int, sent: datetime) -> Log:
    """One mailing to `PEOPLE` people and a day of visits to the site."""
    die, log = random.Random(seed), Log()
    for number, message in enumerate(_mailing(die, sent)):
        _SCANNERS[number % len(_SCANNERS)](log, message, die)
        _READERS[die.randrange(len(_READERS))](log, message, die, f"person-{number}")
    for number in range(PEOPLE):
        _visitor(log, sent + timedelta(minutes=9 * number), die, number)
    _hardest(log, die)
    return log


def _mailing(die: random.Random, sent: datetime) -> Iterator[Message]:
    first = a_message("first@works.example", links=LINKS, sent=sent)
    links = list(first.words.links.order_by("position"))
    people = Person.objects.bulk_create(
        Person(email=f"p{n}@works.example", email_key=f"p{n}@works.example", created_at=sent)
        for n in range(PEOPLE)
    )
    messages = Message.objects.bulk_create(
        Message(key=f"m{n}", message_id=f"<m{n}@x>", kind="sequence", person=person, step=first.step,
                words=first.words, due_at=sent, state="sent", ended_at=sent + seconds(2 * n))
        for n, person in enumerate(people)
    )  # fmt: skip
    for message in messages:
        message.own_links = links
        yield message


def _click(log: Log, label: str, message, link: int, after: float, key: str, **columns) -> None:
    log.add(
        label, kind="click", message=message, person=message.person, mail_link=message.own_links[link % LINKS],
        at=message.ended_at + seconds(after), visitor_key=key, **columns,
    )  # fmt: skip


def _trap(log: Log, message, after: float, key: str) -> None:
    log.add(
        MACHINE, kind="trap", message=message, person=message.person, at=message.ended_at + seconds(after),
        visitor_key=key,
    )  # fmt: skip


def _names_itself(log, message, die) -> None:
    for link in range(LINKS):
        _click(log, MACHINE, message, link, 1 + link * 0.2, "gateway-a", agent="Barracuda Sentinel (EE)")


def _burst_of_a_browser(log, message, die) -> None:
    begin = die.uniform(5, 900)
    for link in range(LINKS):
        _click(
            log,
            MACHINE,
            message,
            link,
            begin + link * die.uniform(0.1, 0.8),
            f"burst-{message.pk}",
            agent=EDGE,
        )


def _slow_and_from_many_places(log, message, die) -> None:
    begin = die.uniform(10, 3000)
    for link in range(LINKS):
        _click(log, MACHINE, message, link, begin + link * 6, f"cloud-{message.pk}-{link}")
    _trap(log, message, begin + LINKS * 6, f"cloud-{message.pk}-t")


def _one_link_at_the_gateway(log, message, die) -> None:
    """Follows the first link of most mails, and every sixth mail whole."""
    for link in range(LINKS if die.random() < 0.2 else 1):
        _click(log, MACHINE, message, link, 12 + link * 0.3, "gateway-b")


def _asks_with_head(log, message, die) -> None:
    _click(log, MACHINE, message, 0, die.uniform(3, 60), "gateway-c", method="HEAD")


def _fetches_pictures(log, message, die) -> None:
    agent = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    log.add(
        MACHINE,
        kind="open",
        message=message,
        person=message.person,
        at=message.ended_at + seconds(30),
        agent=agent,
    )


def _no_scanner(log, message, die) -> None:
    return None


def _reads_one(log, message, die, key) -> None:
    _click(log, HUMAN, message, die.randrange(LINKS), die.uniform(700, 80_000), key, agent=SAFARI)


def _reads_some_in_tabs(log, message, die, key) -> None:
    begin, first = die.uniform(700, 80_000), die.randrange(LINKS)
    for number in range(3):
        _click(log, HUMAN, message, first + number, begin + number * die.uniform(2.0, 4.0), key)


def _clicks_twice(log, message, die, key) -> None:
    begin = die.uniform(700, 80_000)
    for again in (0, 0.3):
        _click(log, HUMAN, message, 2, begin + again, key)


def _opens_and_reads(log, message, die, key) -> None:
    begin = die.uniform(700, 80_000)
    at = message.ended_at + seconds(begin)
    log.add(
        HUMAN,
        kind="open",
        message=message,
        person=message.person,
        at=at,
        agent=MAIL_APP,
        visitor_key=key + "-app",
    )
    _click(log, HUMAN, message, 1, begin + 20, key)
    for page in range(4):
        log.add(HUMAN, kind="page", person=message.person, at=at + seconds(25 + 40 * page), visitor_key=key)


def _does_not_read(log, message, die, key) -> None:
    return None


_SCANNERS = (
    _names_itself, _burst_of_a_browser, _slow_and_from_many_places, _one_link_at_the_gateway, _asks_with_head,
    _fetches_pictures, _no_scanner, _no_scanner,
)  # fmt: skip
_READERS = (
    _reads_one, _reads_one, _reads_some_in_tabs, _clicks_twice, _opens_and_reads, _opens_and_reads, _does_not_read,
)  # fmt: skip


def _visitor(log: Log, at: datetime, die: random.Random, number: int) -> None:
    """People look at a few pages; a quarter of the visitors are crawlers, some of which look like a browser."""
    pages = die.randint(1, 5)
    if number % 4:
        for page in range(pages):
            log.add(
                HUMAN, kind="page", at=at + seconds(30 * page), visitor_key=f"visitor-{number}", agent=EDGE
            )
        return
    agent = BROWSER if number % 8 else "Mozilla/5.0 (compatible; Unheard/1.0; +https://unheard.example)"
    for page in range(pages):
        log.add(MACHINE, kind="page", at=at + seconds(page), visitor_key=f"crawler-{number}", agent=agent)
    if number % 8:
        log.add(MACHINE, kind="trap", at=at + seconds(pages), visitor_key=f"crawler-{number}", agent=agent)


def _hardest(log: Log, die: random.Random) -> None:
    """A scanner that cannot be told from a reader, and a reader who cannot be told from a scanner."""
    messages = [hit.message for _, hit in log.hits if hit.kind == "click"]
    for number, message in enumerate(die.sample(messages, 8)):
        _click(log, MACHINE, message, 3, die.uniform(5000, 80_000), f"stealth-{number}")
    eager = die.choice(messages)
    for link in range(LINKS):
        _click(log, HUMAN, eager, link, 50_000 + link * 1.2, "eager")
