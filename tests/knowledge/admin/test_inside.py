"""The page that Chatwoot frames: for whom, framed by whom, and how a person is known in a frame on another site."""

import re
from typing import Any

import pytest
from django.test import Client

from knowledge.models import Draft
from tests.factories import GRADES, make_draft, make_inbox, make_lead, make_source, make_user
from webhooks.accounts import frame_grants

pytestmark = pytest.mark.django_db
INSIDE = "/admin/inside/acme/"
OWN = {"HTTP_ORIGIN": "http://testserver"}


@pytest.fixture
def draft(seeded) -> Draft:
    return make_draft()


@pytest.fixture
def lead(draft) -> Client:
    browser = Client()
    browser.force_login(make_lead("lena"))
    return browser


def here(draft: Draft) -> str:
    return f"{INSIDE}conversation/{draft.conversation.display_id}/"


def code_of(browser: Client) -> str:
    page = browser.post(f"{INSIDE}sign-in/").content.decode()
    return re.search(r'data-code="([^"]+)"', page)[1]


def framed(browser: Client) -> Client:
    """A frame on another site: it has the cookie that it got for its code, and no session cookie."""
    frame = Client(enforce_csrf_checks=True)
    assert frame.post(f"{INSIDE}enter/", {"code": code_of(browser)}, **OWN).status_code == 204
    assert set(frame.cookies) == {frame_grants.COOKIE}
    return frame


def decision(draft: Draft, **more: Any) -> dict[str, Any]:
    return {"text": draft.body, "revision": draft.revision, "newest_message_id": 100, **GRADES} | more


def token_in(page: Any) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]


def test_it_shows_the_draft_of_the_conversation_that_chatwoot_names(lead, draft):
    page = lead.get(here(draft))

    assert draft.body in page.content.decode()
    assert f"{INSIDE}draft/{draft.pk}/approve/" in page.content.decode()


def test_only_the_connected_chatwoot_may_frame_it(lead, draft):
    make_source("other", base_url="https://Chat.example.com:443/", account_id=2)

    pages = {path: lead.get(path) for path in (INSIDE, here(draft), "/admin/inside/other/")}

    assert ["X-Frame-Options" in page for page in pages.values()] == [False] * 3
    policies = [page["Content-Security-Policy"].rpartition("frame-ancestors ")[2] for page in pages.values()]
    assert policies == ["http://chatwoot.test", "http://chatwoot.test", "https://chat.example.com"]


@pytest.mark.parametrize("path", ["/admin/", f"{INSIDE}sign-in/", "/admin/inside/nobody/", "/admin/login/"])
def test_no_other_page_may_be_framed(lead, path):
    page = lead.get(path, follow=False)

    assert page["X-Frame-Options"] == "DENY"
    assert page["Content-Security-Policy"].endswith("frame-ancestors 'none'")


@pytest.mark.parametrize(
    "base", ["http://a.test; script-src *", "http://a.test *", "ftp://a.test", "http://*"]
)
def test_an_odd_base_url_is_framed_by_nobody(lead, draft, base):
    make_source("odd", base_url=base, account_id=3)

    assert lead.get("/admin/inside/odd/").status_code == 404
    assert lead.get("/admin/inside/odd/")["X-Frame-Options"] == "DENY"


def test_a_source_whose_move_is_not_confirmed_shows_nothing(lead, draft):
    source = draft.conversation.source
    source.moved_from = "http://old.test"
    source.save()

    assert lead.get(here(draft)).status_code == 404


def test_a_conversation_in_another_inbox_shows_nothing_of_it(draft):
    browser = Client()
    browser.force_login(make_user("charlie", "Lead", inboxes=[make_inbox(inbox_id=9)]))

    page = browser.get(here(draft)).content.decode()

    assert "no access to this conversation" in page
    assert draft.body not in page
    assert "Ada" not in page
    for step in ("approve", "state", "audit"):
        assert browser.get(f"{INSIDE}draft/{draft.pk}/{step}/").status_code == 404


def test_a_draft_of_another_source_is_not_reached(lead, draft):
    make_source("other", base_url="https://chat.example.com", account_id=2)

    answer = lead.post(f"/admin/inside/other/draft/{draft.pk}/approve/", decision(draft))

    assert answer.status_code == 404
    assert Draft.objects.get(pk=draft.pk).status == "PROPOSED"


def test_whoever_is_not_signed_in_sees_how_to_sign_in_and_no_customer(draft):
    page = Client().get(here(draft)).content.decode()

    assert "data-sign-in" in page
    assert draft.body not in page


def test_a_click_in_our_own_window_lets_the_frame_in(lead, draft):
    frame = framed(lead)

    page = frame.get(here(draft))
    answer = frame.post(
        f"{INSIDE}draft/{draft.pk}/approve/", decision(draft, csrfmiddlewaretoken=token_in(page)), **OWN
    )

    assert answer["Location"] == here(draft)
    assert Draft.objects.get(pk=draft.pk).status == "APPROVED"
    assert Draft.objects.get(pk=draft.pk).decided_by.username == "lena"


def test_the_cookie_of_the_frame_is_for_its_page_in_that_chatwoot_alone(lead):
    answer = Client().post(f"{INSIDE}enter/", {"code": code_of(lead)}, **OWN)

    cookie = answer.cookies[frame_grants.COOKIE].OutputString()
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", f"Path={INSIDE}"):
        assert f"; {part}" in cookie


def test_the_cookie_of_the_frame_opens_no_other_page_and_never_becomes_a_session(lead, draft):
    frame = framed(lead)
    cookie = frame.cookies[frame_grants.COOKIE].value
    make_source("other", base_url="https://chat.example.com", account_id=2)
    frame.cookies.clear()
    frame.cookies[frame_grants.COOKIE] = cookie

    assert frame.get("/admin/")["Location"].startswith("/admin/login/")
    assert frame.get("/api/v1/drafts/").status_code == 401
    assert b"data-sign-in" in frame.get("/admin/inside/other/").content
    answers = [frame.get(here(draft)), frame.get(INSIDE)]
    assert [dict(answer.cookies) for answer in answers] == [{}, {}]


def test_signing_out_ends_the_frame(lead, draft):
    frame = framed(lead)
    assert draft.body in frame.get(here(draft)).content.decode()

    lead.post("/admin/logout/")

    assert draft.body not in frame.get(here(draft)).content.decode()


def test_an_approve_without_the_token_of_our_own_form_is_refused(lead, draft):
    frame = framed(lead)
    forged = frame.post(
        f"{INSIDE}draft/{draft.pk}/approve/", decision(draft), HTTP_ORIGIN="http://chatwoot.test"
    )
    blind = frame.post(f"{INSIDE}draft/{draft.pk}/approve/", decision(draft), **OWN)

    assert (forged.status_code, blind.status_code) == (403, 403)
    assert Draft.objects.get(pk=draft.pk).status == "PROPOSED"


def test_a_code_works_once_for_its_source_and_from_our_own_page(lead, draft):
    make_source("other", base_url="https://chat.example.com", account_id=2)
    code, frame = code_of(lead), Client()

    def entered(path: str = INSIDE, **headers: str) -> int:
        return frame.post(f"{path}enter/", {"code": code}, **(headers or OWN)).status_code

    assert entered(HTTP_ORIGIN="http://chatwoot.test") == 403
    assert entered("/admin/inside/other/") == 403
    assert (entered(), entered()) == (204, 403)


def test_a_code_is_no_cookie(lead, draft):
    frame = Client()
    frame.cookies[frame_grants.COOKIE] = code_of(lead)

    assert b"data-sign-in" in frame.get(here(draft)).content


def test_opening_the_window_makes_no_code(lead):
    assert b"data-code" not in lead.get(f"{INSIDE}sign-in/").content


def test_a_refused_button_shows_what_was_typed_in_the_frame_again(lead, draft):
    page = lead.post(
        f"{INSIDE}draft/{draft.pk}/reject/", decision(draft, text="My words", note="")
    ).content.decode()

    assert "My words" in page
    assert f"{INSIDE}draft/{draft.pk}/approve/" in page


def test_a_page_without_a_draft_notices_when_one_comes(lead, draft):
    draft.status = "WITHDRAWN"
    Draft.objects.filter(pk=draft.pk).delete()
    assert "No draft waits" in lead.get(here(draft)).content.decode()
    assert lead.get(here(draft), HTTP_HX_REQUEST="true").status_code == 204

    make_draft(draft.in_reply_to, text="A new one")

    assert lead.get(here(draft), HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"


def test_whoever_signed_out_in_another_tab_comes_to_the_page_that_says_so(draft):
    answer = Client().post(f"{INSIDE}draft/{draft.pk}/approve/", decision(draft))

    assert answer["Location"] == INSIDE
