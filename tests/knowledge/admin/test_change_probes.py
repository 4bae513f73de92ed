"""What probes say on the pages of changes and articles, merging, and the preview by inbox."""

import pytest
from django.urls import reverse

from knowledge import inbox_settings
from knowledge.articles import changes
from knowledge.models import Article, Change, Probe
from knowledge.search import probe_effect, probes
from tests.factories import NOW, make_article, make_inbox, make_lead, make_user
from tests.knowledge.learning.learnt import make_signal

pytestmark = pytest.mark.django_db


@pytest.fixture
def losing(fake) -> Change:
    article = make_article("refund", title="refund", question="refund?", body="All about the refund.")
    make_article("password", title="password", question="password?", body="All about the password.")
    probes.save("my refund", expected=article, by=make_lead(), now=NOW)
    texts = {"title": "invoice", "question": "", "body": "All about the invoice."}
    return changes.propose(article, texts, kind="EDIT", origin="PERSON", now=NOW)


def test_a_change_shows_what_it_loses_and_asks_why(client, losing):
    client.force_login(make_lead())

    page = client.get(reverse("admin:knowledge_change_change", args=[losing.pk])).content.decode()

    assert "With this, 0 probes stay, 0 are gained, 1 is lost." in page
    assert "“my refund”" in page
    assert 'name="why"' in page


def test_without_the_reason_it_stays_open_and_the_page_says_so(client, losing):
    client.force_login(make_lead())
    url = reverse("admin:knowledge_change_approve", args=[losing.pk])

    refused = client.post(url, {"base_version": 1})
    assert refused.status_code == 409
    assert "This change loses 1 probe. Give a reason" in refused.content.decode()

    client.post(url, {"base_version": 1, "why": "It is over."})
    losing.refresh_from_db()
    assert (losing.status, losing.reason) == ("APPROVED", "It is over.")


def test_a_probe_of_another_inbox_is_counted_and_not_shown(client, losing):
    signal = make_signal(inbox=make_inbox(inbox_id=8))
    Probe.objects.update(conversation=signal.conversation)
    client.force_login(make_user("bob", "Lead", inboxes=[make_inbox(inbox_id=9)]))

    page = client.get(reverse("admin:knowledge_change_change", args=[losing.pk])).content.decode()

    assert "1 is lost." in page
    assert "1 more, from inboxes that you cannot see." in page
    assert "my refund" not in page


def test_a_large_desk_sees_that_it_is_being_measured_and_then_the_result(client, losing, monkeypatch):
    monkeypatch.setattr(probe_effect, "PAIRS_IN_REQUEST", 0)
    monkeypatch.setattr(probe_effect, "async_task", lambda *_, **__: None)
    client.force_login(make_lead())
    url = reverse("admin:knowledge_change_probes", args=[losing.pk])
    assert "Being measured" in client.get(url).content.decode()

    probe_effect.run()

    assert "1 is lost." in client.get(url).content.decode()


def test_publishing_what_loses_a_probe_leads_to_the_open_change(client, losing):
    client.force_login(make_lead())
    article = losing.article
    given = {
        "title": "parcel",
        "body": "All about the parcel.",
        "language": "en",
        "base_version": 1,
        "publish": "1",
    }

    answer = client.post(reverse("admin:knowledge_article_change", args=[article.pk]), given)

    change = Change.objects.latest("pk")
    assert (change.status, change.proposed["title"]) == ("OPEN", "parcel")
    assert answer.url == reverse("admin:knowledge_change_change", args=[change.pk])


def test_a_merge_is_proposed_with_both_answers(client, losing):
    client.force_login(make_lead())
    other = Article.objects.get(slug="password")

    client.post(
        reverse("admin:knowledge_article_merge", args=[losing.article_id]),
        {"other": other.pk, "append": "on"},
    )

    change = Change.objects.get(kind="MERGE")
    assert (change.merges, change.proposed["body"]) == (
        other,
        "All about the refund.\n\nAll about the password.",
    )


def test_the_preview_has_the_greeting_and_signature_of_the_chosen_inbox(client):
    one, two = make_inbox(inbox_id=8), make_inbox(inbox_id=9)
    inbox_settings.keep(one, greeting="Ahoy {name},", signature="The crew")
    client.force_login(make_lead())
    url, given = reverse("admin:knowledge_article_preview"), {"body": "Yes.", "language": "en"}

    by_default = client.post(url, given | {"inboxes": [one.pk]}).content.decode()
    other = client.post(url, given | {"inboxes": [one.pk], "preview_inbox": two.pk}).content.decode()
    usual = client.post(url, given | {"inboxes": [one.pk], "preview_inbox": "none"}).content.decode()

    assert "Ahoy Ada," in by_default
    assert "The crew" in by_default
    assert "Ahoy" not in other + usual


def test_edit_and_approve_measures_the_edited_text(client, losing):
    client.force_login(make_lead())
    url = reverse("admin:knowledge_change_edit_change", args=[losing.pk])
    given = {"base_version": 1, "digest": losing.digest, "language": "en", "approve": "1"}

    still = client.post(url, given | {"title": "parcel", "body": "All about the parcel."})
    assert "With this, 0 probes stay, 0 are gained, 1 is lost." in still.content.decode()
    losing.refresh_from_db()
    assert (losing.status, losing.proposed["title"]) == ("OPEN", "parcel")

    given["digest"] = losing.digest
    client.post(url, given | {"title": "Refund", "question": "refund?", "body": "The refund, again."})
    losing.refresh_from_db()
    assert losing.status == "APPROVED"


MONDAY = "/admin/knowledge/change/review/"


def on_monday(client, change: Change, **said):
    return client.post(reverse("admin:knowledge_change_decide", args=[change.pk]), {"base_version": 1} | said)


def test_a_lost_probe_asks_for_its_reason_in_place(client, losing):
    client.force_login(make_lead())
    refused = on_monday(client, losing)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "This change loses 1 probe. Give a reason" in page
    assert 'name="reason" maxlength="500" required autofocus' in page
    assert "Your text is kept" not in page

    answer = on_monday(client, losing, reason="Refunds are over.")

    losing.refresh_from_db()
    assert answer["Location"] == MONDAY
    assert (losing.status, losing.reason) == ("APPROVED", "Refunds are over.")


def test_an_edit_that_loses_a_probe_is_saved_and_asks_for_its_reason(client, losing):
    client.force_login(make_lead())
    page = on_monday(
        client, losing, verb="edit", digest=losing.digest, body="All about invoices."
    ).content.decode()

    losing.refresh_from_db()
    assert (losing.status, losing.proposed["body"]) == ("OPEN", "All about invoices.")
    assert "required autofocus" in page
    assert "Your edit is saved, and not approved yet." in page
    on_monday(client, losing, reason="Refunds are over.")
    assert Article.objects.get(slug="refund").body == "All about invoices."


def test_a_dismissal_without_its_reason_asks_for_no_other(client, losing):
    client.force_login(make_lead())
    page = on_monday(client, losing, verb="dismiss", reason="").content.decode()

    assert "Give a reason. The person who proposed it will read it." in page
    assert "required autofocus" not in page
