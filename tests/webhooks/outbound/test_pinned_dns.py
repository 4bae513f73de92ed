"""A base URL that a person enters: never into the own network, and the call goes to the address that was judged."""

import socket
from io import StringIO

import pytest
import responses
from django.core.management import call_command

from tests.factories import NOW, make_source, make_user
from tests.knowledge.admin.pressing import signed_in
from webhooks.errors import Permanent
from webhooks.models import Source
from webhooks.outbound import chatwoot
from webhooks.simulator.server import SimulatedChatwoot
from webhooks.sources import connecting

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1", "fd00::1",
)  # fmt: skip


@pytest.fixture
def names(monkeypatch) -> dict[str, list[str]]:
    """What the resolver answers: each look-up takes the next address of the name, the last for ever."""
    known: dict[str, list[str]] = {}

    def look_up(host, port, *rest, **named):
        found = known[host].pop(0) if len(known.get(host, [])) > 1 else known.get(host, [host])[0]
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.once
@pytest.mark.parametrize("address", PRIVATE)
def test_a_base_url_into_the_own_network_is_not_called(names, address):
    names["chat.example.com"] = [address]

    with pytest.raises(Permanent, match="PRIVATE_HOSTS"):
        chatwoot.Client("http://chat.example.com", 1, "token").profile()


@pytest.mark.once
@pytest.mark.parametrize("internal", [False, True])
@pytest.mark.parametrize(
    "address",
    ["64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:a00:1::1", "2001:0:a00:1::1", "::a00:1",
     "2a00:1450::5efe:a00:1", "2a00:1450::200:5efe:a00:1",
     "::ffff:0:a00:1"],
)  # fmt: skip
def test_ipv6_that_stands_for_an_ipv4_address_is_not_called(names, address, internal):
    names["chat.example.com"] = [address]

    with pytest.raises(Permanent):
        chatwoot.Client("http://chat.example.com", 1, "token", internal=internal).profile()


@pytest.mark.once
@pytest.mark.parametrize("address", ["fec0::1", "5f00::1", "3fff::1", "192.88.99.1"])
def test_what_is_nobodys_on_the_internet_is_not_called(names, address):
    names["chat.example.com"] = [address]

    with pytest.raises(Permanent):
        chatwoot.Client("http://chat.example.com", 1, "token").profile()


@pytest.mark.once
@pytest.mark.parametrize(
    "url", ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::ffff:127.0.0.1]/"]
)
def test_another_spelling_of_the_own_machine_is_not_called(url):
    with pytest.raises(Permanent):
        chatwoot.Client(url, 1, "token").profile()


@pytest.mark.once
def test_a_clouds_own_metadata_is_not_called_even_from_inside(names):
    names["chat.example.com"] = ["169.254.169.254"]

    with pytest.raises(Permanent):
        chatwoot.Client("http://chat.example.com", 1, "token", internal=True).profile()


@pytest.mark.once
def test_a_write_is_judged_as_a_read_is(names):
    names["chat.example.com"] = ["10.1.2.3"]

    with pytest.raises(Permanent):
        chatwoot.Client("http://chat.example.com", 1, "token").set_status(7, "open")


@pytest.mark.once
def test_a_name_that_changes_after_it_was_judged_changes_nothing(names, settings):
    with SimulatedChatwoot(deliver=False) as server:
        settings.PRIVATE_HOSTS = ["chat.example.com"]
        names["chat.example.com"] = ["127.0.0.1", "203.0.113.1"]  # judged first, then somewhere else

        client = chatwoot.Client(server.url.replace("127.0.0.1", "chat.example.com"), 1, server.admin_token)

        assert client.profile()["id"]


@pytest.mark.once
@responses.activate
def test_a_redirect_is_not_followed():
    responses.get(
        "https://chat.example.com/api/v1/profile", status=302, headers={"Location": "http://127.0.0.1/"}
    )

    with pytest.raises(Permanent):
        chatwoot.Client("https://chat.example.com", 1, "token").profile()

    assert len(responses.calls) == 1


def test_whoever_runs_the_machine_connects_a_chatwoot_beside_it(db):
    with SimulatedChatwoot(deliver=False) as server:
        call_command(
            "connect_chatwoot", "--slug", "acme", "--base-url", server.url, "--account-id", "1",
            "--api-token", server.admin_token, "--secret", "s", stdout=StringIO(),
        )  # fmt: skip

        source = Source.objects.get()
        assert source.internal
        assert chatwoot.client(source).profile()["id"]


def connect_by_the_page(base_url: str, slug: str = "acme") -> str:
    sent = {"slug": slug, "base_url": base_url, "account_id": 1, "api_token": "token", "secret": "s"}
    browser = signed_in(make_user("", is_superuser=True))
    return browser.post("/admin/webhooks/source/connect/", sent).content.decode()


def test_the_page_does_not_reach_into_the_own_network(db):
    with SimulatedChatwoot(deliver=False) as server:
        said = connect_by_the_page(server.url)

        assert "PRIVATE_HOSTS" in said
        assert not server.requests


def test_the_page_does_not_lead_a_source_of_the_inside_elsewhere_inside(db):
    make_source()

    assert "PRIVATE_HOSTS" in connect_by_the_page("http://127.0.0.1:1")


def test_the_page_mends_a_source_of_the_inside_where_it_is(db):
    with SimulatedChatwoot(deliver=False) as server:
        make_source(base_url=server.url)
        wanted = connecting.Connection("acme", server.url, 1, server.admin_token)

        done = connecting.connect(wanted, now=NOW)

        assert done.source.internal
