"""A test kit for enrichers, and a fake one. Subclass `EnricherContract` in your tests and say which class it is about.

    class TestRegister(EnricherContract):
        def make(self):
            return Register(fetch=canned_answers)

        knows = EnrichQuery(domain="maasland.example")

Where it asks somebody outside, hand it an answer of your own making: tests run without a network.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from leads.enrichment.asking import NoAnswer, ask
from leads.enrichment.protocol import Enricher, EnrichQuery, Found, Unusable, checked

ODD = (
    EnrichQuery(),
    EnrichQuery(domain="localhost"),
    EnrichQuery(domain="xn--bcher-kva.example"),
    EnrichQuery(domain="." * 60),
    EnrichQuery(domain="a" * 253, email="a" * 64 + "@" + "a" * 180, company="x" * 5000),
    EnrichQuery(domain="example.com\r\nX-Evil: 1", company="<script>alert(1)</script>"),
    EnrichQuery(domain="'; DROP TABLE leads_person; --", company="=HYPERLINK(1)"),
    EnrichQuery(company="\u202eevil\u0000\ud800"),
    EnrichQuery(phone="+", ip="::1"),
    EnrichQuery(phone="+882161234567", ip="10.0.0.1"),
    EnrichQuery(phone="not a number", ip="not an address"),
    EnrichQuery(company_id=-1),
)


class FakeEnricher(Enricher):
    """Answers what it was told to: `{"maasland.example": {"industry": "Pumps"}}`, by mail domain. For tests only."""

    name = "fake"
    needs = frozenset({"domain"})
    seconds: float | None = None

    def __init__(
        self, answers: Mapping[str, Mapping[str, str]] | None = None, confidence: str = "0.7"
    ) -> None:
        self.answers = answers or {}
        self.confidence = Decimal(confidence)
        self.asked: list[EnrichQuery] = []
        self.fails: Exception | None = None

    def lookup(self, query: EnrichQuery) -> Iterator[Found]:
        self.asked.append(query)
        if self.fails:
            raise self.fails
        for field, value in self.answers.get(query.domain, {}).items():
            yield Found(field=field, value=value, confidence=self.confidence, source=self.name)


class EnricherContract:
    """What every enricher must keep. Each method is a test; `make` is yours."""

    # A question it should know an answer to. Without one the tests about values see only that nothing is wrong.
    knows: EnrichQuery | None = None

    def make(self) -> Enricher:
        raise NotImplementedError("return the enricher under test")

    def test_it_has_the_parts_of_an_enricher(self) -> None:
        found = self.make()
        assert isinstance(found, Enricher)
        assert found.name
        assert len(found.name) <= 60
        assert found.seconds is None or 0 < found.seconds <= 30

    def test_it_names_what_it_needs_and_no_more_than_there_is(self) -> None:
        needs = self.make().needs
        assert needs
        assert needs <= {field.name for field in fields(EnrichQuery)}

    def test_it_uses_nothing_that_it_does_not_name(self) -> None:
        """The source is read: what stands in `query.…` must stand in `needs`, so that a review sees it."""
        found = self.make()
        source = inspect.getsource(type(found))
        used = {field.name for field in fields(EnrichQuery) if f"query.{field.name}" in source}
        assert used <= set(found.needs)

    def test_odd_questions_are_answered_without_an_error(self) -> None:
        found = self.make()
        for query in ODD:
            for value in self._answer(found, query):
                checked(value)

    def test_what_it_says_can_be_kept(self) -> None:
        values = self._answer(self.make(), self.knows or EnrichQuery())
        assert self.knows is None or values, "it knows nothing of the question in `knows`"
        for value in values:
            checked(value)

    def test_it_hands_on_nothing_personal(self) -> None:
        """A found value is about the company or the place: it repeats no address, number or network address."""
        query = self.knows or EnrichQuery()
        private = [query.email, query.phone, query.ip]
        for value in self._answer(self.make(), query):
            said = f"{value.value} {value.source}"
            assert not any(word and word in said for word in private)

    def test_the_same_question_twice_has_the_same_answer(self) -> None:
        query = self.knows or EnrichQuery()
        assert self._answer(self.make(), query) == self._answer(self.make(), query)

    def test_it_keeps_to_its_time(self) -> None:
        found = self.make()
        begun = time.monotonic()
        try:
            ask(found, self.knows or EnrichQuery())
        except NoAnswer as error:
            raise AssertionError(str(error)) from None
        assert time.monotonic() - begun <= (found.seconds or 1)

    def _answer(self, found: Enricher, query: EnrichQuery) -> list[Found]:
        """Only what it names is handed over, as in the real run."""
        given: dict[str, Any] = {key: value for key, value in asdict(query).items() if key in found.needs}
        values: Iterable[Found] | None = found.lookup(EnrichQuery(**given))
        return list(values or ())


__all__ = ["EnricherContract", "FakeEnricher", "Unusable"]
