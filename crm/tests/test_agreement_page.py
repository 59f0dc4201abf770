"""Our agreement as a page: read by all who read reports, acknowledged by the head of each side."""

from __future__ import annotations

from typing import Any

from django.test import Client

from prospects.models import Acknowledgement, Stage

PAGE, ACT = "/staff/agreement/", "/staff/agreement/1/acknowledge/"


def test_everybody_of_both_teams_reads_it_and_two_acknowledge(
    client: Client, maya: Any, sam: Any, sara: Any, vera: Any, omar: Any, nora: Any
) -> None:
    for user, status in ((maya, 200), (sam, 200), (sara, 200), (vera, 200), (omar, 403), (nora, 403)):
        client.force_login(user)
        assert client.get(PAGE).status_code == status, user
    for user, side in ((sam, "sales"), (vera, "marketing"), (maya, "marketing"), (sara, "sales")):
        client.force_login(user)
        assert (b"We mean this" in client.get(PAGE).content) == (user in (maya, sara)), user
        client.post(ACT, {"side": side})
    given = dict(Acknowledgement.objects.values_list("side", "by__username"))
    assert given == {"marketing": "maya", "sales": "sara"}


def test_a_changed_rule_is_a_new_version_and_the_old_one_stays_readable(client: Client, sara: Any) -> None:
    client.force_login(sara)
    client.get(PAGE)
    Stage.objects.filter(slug="contacting").update(limit_days=30)
    assert client.post(ACT, {"side": "sales"}).status_code == 409
    page = client.get(PAGE).content.decode()
    assert "Version 2" in page
    assert "at most 30 days" in page
    assert "at most 30 days" not in client.get("/staff/agreement/1/").content.decode()
    assert client.get("/staff/agreement/99/").status_code == 404
