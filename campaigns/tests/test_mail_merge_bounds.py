"""What a template cannot do to the process that renders it, nor to the page of whoever saves it."""

import pytest
from liquid.exceptions import LiquidError

from campaigns.mail import merge

TEXT = "a" * 400
GROWS = f'{{{{ "{TEXT}" | replace: "", "{TEXT}" | replace: "", "{TEXT}" | replace: "", "{TEXT}" }}}}'
JOINED = f'{{{{ "{TEXT}" | split: "" | join: "{TEXT}" | split: "" | join: "{TEXT}" }}}}'


@pytest.mark.parametrize("source", [GROWS, JOINED, '{{ (1..9999999999) | join: "" }}'])
def test_a_filter_makes_no_more_than_a_page(source):
    with pytest.raises(LiquidError, match="more than"):
        merge.render_html(source, {})


@pytest.mark.parametrize(
    "source",
    [f"{{{{ {'9' * 3000} | times: {'9' * 3000} }}}}", '{{ "1e400" | ceil }}', '{{ "8J+Y" | base64_decode }}'],
)
def test_a_filter_that_trips_is_told_to_who_wrote_it(source):
    assert merge.problems(source, html=True)


def test_filters_do_what_they_did():
    source = '{{ person.first_name | replace: "e", "3" | upcase }} {{ "a b" | split: " " | join: "-" }}'
    assert merge.render_html(source, merge.example()) == "L3NA a-b"
