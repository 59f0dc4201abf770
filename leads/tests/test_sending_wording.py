"""Which words one person gets: their persona's own, else the usual ones, half and half while two are tested."""

from __future__ import annotations

from collections import Counter

import pytest

from campaigns.models import PublishedWords
from leads.sending.wording import choose

ENGINEER, BUYER = 7, 8


def worded(variant: str = "a", persona: int | None = None, step: int = 1) -> PublishedWords:
    return PublishedWords(step_id=step, persona_id=persona, variant=variant, subject=f"{persona} {variant}")


USUAL, SECOND, OWN = worded(), worded("b"), worded(persona=ENGINEER)


def test_a_person_gets_the_words_of_their_persona() -> None:
    assert choose(words=[USUAL, OWN], persona_id=ENGINEER, enrolment_id=1) is OWN


@pytest.mark.parametrize("persona", [None, BUYER])
def test_whoever_has_no_words_of_their_own_gets_the_usual_ones(persona: int | None) -> None:
    assert choose(words=[OWN, USUAL], persona_id=persona, enrolment_id=1) is USUAL


def test_a_test_does_not_take_the_words_of_their_persona_away() -> None:
    chosen = {
        choose(words=[USUAL, SECOND, OWN], persona_id=ENGINEER, enrolment_id=n).subject for n in range(50)
    }
    assert chosen == {OWN.subject}


@pytest.mark.parametrize("numbers", [range(10_000), range(0, 20_000, 2), range(1, 20_001, 2)])
def test_a_test_gives_half_of_the_people_each_wording_whichever_numbers_they_have(numbers: range) -> None:
    given = Counter(choose(words=[USUAL, SECOND], persona_id=None, enrolment_id=n).variant for n in numbers)
    assert abs(given["a"] - given["b"]) < 400  # four standard deviations


def test_the_same_enrolment_gets_the_same_words_each_time() -> None:
    asked = [choose(words=[SECOND, USUAL], persona_id=None, enrolment_id=4711) for _ in range(5)]
    assert len({id(words) for words in asked}) == 1


def test_two_tests_of_one_sequence_do_not_split_people_alike() -> None:
    first, second = [USUAL, SECOND], [worded(step=2), worded("b", step=2)]
    same = sum(
        choose(words=first, persona_id=None, enrolment_id=n).variant
        == choose(words=second, persona_id=None, enrolment_id=n).variant
        for n in range(10_000)
    )
    assert abs(same - 5_000) < 200


@pytest.mark.parametrize(("kept", "words"), [("a", USUAL), ("b", SECOND)])
def test_after_a_test_everybody_gets_the_kept_words(kept: str, words: PublishedWords) -> None:
    for number in range(50):
        assert choose(words=[USUAL, SECOND], persona_id=None, enrolment_id=number, kept=kept) is words


def test_a_step_without_words_for_everybody_says_so() -> None:
    with pytest.raises(LookupError):
        choose(words=[OWN], persona_id=BUYER, enrolment_id=1)
