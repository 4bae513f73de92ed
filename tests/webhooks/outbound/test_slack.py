"""A message to a chat: one JSON post to an https address, or to an internal host that is allowed."""

import json

import pytest

from tests.webhooks.sources.moding import previous_handler
from webhooks.errors import DeliveryError, NotSent, Permanent, Retryable, Unknown
from webhooks.outbound import allowed_addresses, slack

pytestmark = pytest.mark.once
OUTSIDE = "93.184.216.34"


@pytest.fixture
def chat(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.OUT_CALL_S = 2
    with previous_handler() as running:
        yield running


def test_a_message_is_json_as_slack_reads_it(chat):
    slack.post(chat.url, "It is broken", [{"type": "divider"}])

    _, headers, body = chat.got[0]
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"text": "It is broken", "blocks": [{"type": "divider"}]}


def test_without_blocks_it_is_the_text_alone(chat):
    slack.post(chat.url, "It is broken")

    assert json.loads(chat.got[0][2]) == {"text": "It is broken"}


ANSWERS = {
    400: Permanent,
    404: Permanent,
    302: Permanent,
    429: NotSent,
    500: Retryable,
    503: NotSent,
    0: Unknown,
}


@pytest.mark.parametrize("status", ANSWERS)
def test_an_answer_tells_whether_to_try_again(chat, status):
    chat.answers = [status]

    with pytest.raises(DeliveryError) as raised:
        slack.post(chat.url, "It is broken")

    assert type(raised.value) is ANSWERS[status]


@pytest.mark.parametrize("status", [404, 500, 0])
def test_no_error_tells_the_address_that_anybody_could_post_to(chat, status):
    chat.answers = [status]

    with pytest.raises(DeliveryError) as raised:
        slack.post(chat.url.replace("/hooks", "/services/T0/B0/secret"), "It is broken")

    assert "secret" not in str(raised.value)


def test_what_goes_out_of_the_house_goes_by_https(monkeypatch):
    monkeypatch.setattr(
        allowed_addresses.socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", (OUTSIDE, 0))]
    )

    with pytest.raises(Permanent, match="https"):
        slack.target("http://hooks.chat.test/services/T0")

    assert slack.target("https://hooks.chat.test/services/T0").address == OUTSIDE


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://10.0.0.1/", "https://[::ffff:169.254.169.254]/"]
)
def test_the_internal_network_is_not_posted_to(url):
    with pytest.raises(Permanent, match="internal network"):
        slack.target(url)


def test_no_mention_hides_in_a_text():
    assert slack.plain("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
