"""Loosening a rule serves the drafts that come after; what was flagged when it was proposed stays so, for everybody."""

import pytest

from knowledge.models import Draft, RiskRule
from knowledge.replies import decisions
from knowledge.risk import loosening
from tests.factories import (  # fmt: skip
    GRADES,
    conversation_object,
    deliver,
    later,
    make_draft,
    make_lead,
    make_user,
    make_waiting,
    message_event,
)
from tests.knowledge.replies.deciding import approve, refusal, sends
from webhooks.models import Alert

pytestmark = pytest.mark.django_db
PROMISE = "We refund you €500."
PAGE = "/admin/knowledge/riskrule/"


@pytest.fixture
def refunds() -> RiskRule:
    return RiskRule.objects.create(
        name="Refunds", kind="refund", number=100, words=["refund*"], second_person=True
    )


LOOSENED = {
    "switched off": lambda rule: RiskRule.objects.update(active=False),
    "deleted": lambda rule: rule.delete(),
    "a higher amount": lambda rule: RiskRule.objects.update(number=10_000),
    "one person is enough": lambda rule: RiskRule.objects.update(second_person=False),
    "other words": lambda rule: RiskRule.objects.update(words=["lawyer"]),
    "another kind": lambda rule: RiskRule.objects.update(kind="template"),
}


@pytest.mark.parametrize("how", LOOSENED)
def test_what_was_flagged_when_proposed_needs_its_second_person_still(refunds, how):
    draft = make_draft(text=PROMISE)
    LOOSENED[how](refunds)

    approve(Draft.objects.get(pk=draft.pk))

    assert (Draft.objects.get(pk=draft.pk).status, sends()) == ("SECOND_LOOK", [])


def test_a_text_written_after_the_rule_went_off_is_judged_by_the_rules_of_its_draft(refunds):
    draft = make_draft()
    RiskRule.objects.update(active=False)

    assert approve(Draft.objects.get(pk=draft.pk), text=PROMISE).status == "SECOND_LOOK"


def test_a_carried_over_draft_keeps_the_rules_of_the_first(refunds):
    old = make_draft(text=PROMISE)
    RiskRule.objects.update(active=False)
    deliver(message_event(101, content="And quickly", at=later(60)), now=later(60))

    fresh = decisions.carry_over(Draft.objects.get(pk=old.pk), by=make_lead(), now=later(90))

    assert fresh.needs_second_person


def drafted_again(draft: Draft) -> Draft:
    decisions.reject(draft, by=make_lead(), revision=1, grades=GRADES, reason="Again.", now=later(1))
    return make_draft(draft.in_reply_to, text=PROMISE, now=later(2))


def written_by_a_person(draft: Draft) -> Draft:
    return make_draft(
        draft.in_reply_to, text=PROMISE, author="meg", kind="person", by=make_user("meg", "Manager")
    )


def proposed_anew_by_its_program(draft: Draft) -> Draft:
    return make_draft(draft.in_reply_to, text=f"{PROMISE} Today.")


@pytest.mark.parametrize("again", [drafted_again, written_by_a_person, proposed_anew_by_its_program])
def test_another_draft_for_the_same_message_is_judged_by_the_rules_of_the_first(refunds, again):
    """Else a rule is loosened, the reply drafted again and approved by one person, and the rule is there again."""
    first = make_draft()
    RiskRule.objects.update(active=False)

    assert approve(again(first)).status == "SECOND_LOOK"


def test_whoever_loosened_a_rule_before_it_was_drafted_again_is_not_its_second_person(client, refunds):
    meg, first = make_user("meg", "Manager"), make_draft()
    change(client, refunds, meg, active="")
    draft = approve(drafted_again(first))

    code = refusal(decisions.approve, draft, by=meg, revision=draft.revision, grades=GRADES)

    assert code == "second_person_required"


def test_a_draft_proposed_after_the_rule_went_off_is_not_flagged(refunds):
    RiskRule.objects.update(active=False)

    assert make_draft(text=PROMISE).risk == []


@pytest.fixture
def unlabelled() -> Draft:
    """Flagged for a label that somebody took off in Chatwoot since."""
    RiskRule.objects.create(name="VIP", kind="label", words=["vip"], second_person=True)
    draft = make_draft(make_waiting(labels=["vip"]))
    about = conversation_object(labels=[], updated_at=later(5).timestamp())
    deliver(about | {"event": "conversation_updated", "account": {"id": 1}}, now=later(5))
    return Draft.objects.get(pk=draft.pk)


def carried_over(draft: Draft) -> Draft:
    deliver(message_event(101, content="And quickly", at=later(60)), now=later(60))
    return decisions.carry_over(Draft.objects.get(pk=draft.pk), by=make_lead(), now=later(90))


@pytest.mark.parametrize("then", [lambda draft: draft, drafted_again, written_by_a_person, carried_over])
def test_a_label_that_was_taken_off_since_flags_still(unlabelled, then):
    assert approve(then(unlabelled)).status == "SECOND_LOOK"


def test_a_low_confidence_flags_the_text_that_is_carried_over_too():
    RiskRule.objects.create(name="Unsure", kind="confidence", number=0.5, second_person=True)

    assert approve(carried_over(make_draft(confidence=0.2))).status == "SECOND_LOOK"


FORM = {"name": "Refunds", "number": "100", "words": "refund*", "active": "on", "second_person": "on"}


def change(client, rule: RiskRule, by, **fields: str) -> None:
    client.force_login(by)
    form = {name: value for name, value in (FORM | fields).items() if value}
    assert client.post(f"{PAGE}{rule.pk}/change/", form).status_code == 302


def test_whoever_loosened_a_rule_since_is_not_the_second_person(client, refunds):
    meg = make_user("meg", "Manager")
    draft = approve(make_draft(text=PROMISE))
    change(client, refunds, meg, active="")
    change(client, refunds, meg)

    code = refusal(decisions.approve, draft, by=meg, revision=draft.revision, grades=GRADES)

    assert code == "second_person_required"


def test_whoever_tightened_a_rule_may_be_the_second_person(client, refunds):
    meg = make_user("meg", "Manager")
    draft = approve(make_draft(text=PROMISE))
    change(client, refunds, meg, number="50")

    assert approve(draft, by=meg).status == "APPROVED"


@pytest.mark.parametrize(
    ("fields", "opened"), [({"active": ""}, 1), ({"number": "500"}, 1), ({"second_person": ""}, 1), ({"number": "50"}, 0),
    ({}, 0)]
)  # fmt: skip
def test_a_change_that_loosens_opens_an_alert_that_names_who_did_it(client, refunds, fields, opened):
    change(client, refunds, make_user("meg", "Manager"), **fields)

    texts = list(Alert.objects.filter(kind="risk_rule").values_list("text", flat=True))
    assert len(texts) == opened
    assert all(text.startswith("meg ") and "Refunds" in text for text in texts)


def test_a_deleted_rule_opens_an_alert(client, refunds):
    client.force_login(make_user("root", is_superuser=True))

    client.post(f"{PAGE}{refunds.pk}/delete/", {"post": "yes"})

    assert Alert.objects.filter(kind="risk_rule").count() == 1 - RiskRule.objects.count()


def rule(kind: str = "words", **facts) -> RiskRule:
    return RiskRule(**{"name": "x", "kind": kind, "words": ["a", "b"], "where": "both"} | facts)


CHANGES = {
    "a word fewer": (rule(), rule(words=["a"]), True), "a word more": (rule(), rule(words=["a", "b", "c"]), False),
    "one place fewer": (rule(), rule(where="draft"), True), "one place more": (rule(where="draft"), rule(), False),
    "a host more": (rule("link"), rule("link", words=["a", "b", "c"]), True), "a host fewer": (rule("link"), rule("link",
    words=[]), False),
    "a lower share": (rule("confidence", number=0.5), rule("confidence", number=0.4), True),
    "a higher share": (rule("confidence", number=0.4), rule("confidence", number=0.5), False),
    "words that must stand there too": (rule("refund", number=1, words=[]), rule("refund", number=1), True),
    "no such words any more": (rule("refund", number=1), rule("refund", number=1, words=[]), False),
    "switched on": (rule(active=False), rule(), False), "made": (None, rule(), False), "the same": (rule(), rule(), False),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_loosens_where_it_lets_pass_what_was_flagged(case):
    before, after, loosens = CHANGES[case]

    assert loosening.loosens(before, after) == loosens
