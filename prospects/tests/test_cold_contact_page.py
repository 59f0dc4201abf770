"""A cold contact entered by hand: what is wrong is said beside its field, and what was typed stays."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from prospects.models import Prospect

pytestmark = pytest.mark.django_db
TYPED = {
    "last_name": "Meier",
    "email": "meier@lauter.example",
    "source": "their website",
    "basis": "interest",
    "basis_note": "They make what we measure.",
}


@pytest.fixture
def rep(client: Client, sam: Any) -> Client:
    client.force_login(sam)
    return client


def entered(rep: Client, **typed: str) -> Any:
    return rep.post(reverse("staff-cold-new"), TYPED | typed)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("email", "abc", "This address cannot be written to"),
        ("phone", "12", "This phone number cannot be read"),
        ("country", "Atlantis", "There is no country of this name."),
        ("country", "XX", "There is no country of this name."),
        ("source", "", "Choose a list, or say where the address is from."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(rep: Client, name: str, typed: str, words: str) -> None:
    answer = entered(rep, **{name: typed})
    field = LexborHTMLParser(answer.content.decode()).css_first(f"[name={name}]")
    assert answer.status_code == 422 and field is not None and field.parent is not None
    assert field.attributes["aria-invalid"] == "true" and (field.attributes.get("value") or "") == typed
    assert words in field.parent.text()
    assert not Prospect.objects.exists()


def test_a_country_may_be_written_out(rep: Client) -> None:
    assert entered(rep, country="Germany").status_code == 302
    assert Prospect.objects.get().person.country == "DE"


def test_no_list_is_called_none(rep: Client) -> None:
    assert "---------" not in rep.get(reverse("staff-cold-new")).content.decode()
