"""The phone system and the rep at the same moment: one call, on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from prospects.calls import calling, phone
from prospects.models import Call, PhoneEvent, Prospect
from prospects.tests.conftest import make_inbound, make_person

NUMBER = "+41446681800"


@pytest.mark.django_db(transaction=True)
def test_told_four_times_at_once_while_the_form_is_sent_is_one_call(sam: Any) -> None:
    prospect = make_inbound(sam, make_person(phone=NUMBER, phone_key=NUMBER))
    now = timezone.now()
    told = phone.Told(
        external_id="c-1",
        number=NUMBER,
        direction="out",
        at=now - timedelta(minutes=5),
        seconds=200,
        answered=True,
    )

    def tell(_number: int) -> None:
        try:
            phone.take(source="pbx", told=told, agent="sam")
        finally:
            connection.close()

    def say() -> None:
        try:
            calling.finish_call(
                prospect=Prospect.objects.get(pk=prospect.pk),
                outcome="gatekeeper",
                by=sam,
                at=now,
                note="At two.",
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        work = [pool.submit(tell, number) for number in range(2)] + [pool.submit(say)]
        work += [pool.submit(tell, number) for number in range(2)]
        for one in work:
            one.result()
    call = Call.objects.get()
    assert (call.outcome, call.note, call.minutes) == ("gatekeeper", "At two.", 3)
    assert PhoneEvent.objects.get().call == call
