"""The decisions that an effect compares: each counts once, withdrawn ones not at all, and a figure opens just its rows."""

from datetime import timedelta

import pytest

from knowledge.articles import changes
from knowledge.learning import effect_alerts, effects
from knowledge.learning.effect_measures import Verdict
from knowledge.models import Change, Citation
from tests.factories import make_article, make_client, make_editor, make_inbox, make_lead, make_user
from tests.knowledge.learning.learnt import NOW, make_signal, rejected
from webhooks.models import Alert

pytestmark = pytest.mark.django_db
APPROVED_AT = NOW - timedelta(days=20)


def edit(article, *, at=APPROVED_AT, **facts):
    facts = facts or {"body": "Refunds take seven working days."}
    change = changes.propose(article, facts, kind="EDIT", origin="PERSON", by=None, now=at)
    changes.approve(change, by=make_editor(), base_version=change.base_version, now=at)
    article.refresh_from_db()
    return article.current


def cite(signal, article="refund", version=1):
    Citation.objects.create(signal=signal, article=article, version=version)
    return signal


def decided(accepted: int, of: int, *, version: int, ago: float, article: str = "refund", **facts) -> None:
    for place in range(of):
        make = make_signal if place < accepted else rejected
        cite(make(ago=ago, category=article, **facts), article, version)


@pytest.fixture
def article():
    return make_article("refund")


def test_versions_are_compared_by_the_decisions_that_cite_them(article):
    version = edit(article)
    decided(18, 25, version=1, ago=30)
    decided(5, 25, version=2, ago=10)

    own = effects.of_version(version, make_lead(), now=NOW).effect.lines[0].own

    assert (own.n_before, own.n_after, own.before, own.after) == (25, 25, 18 / 25, 5 / 25)
    assert own.verdict == Verdict.WORSE


def test_the_interval_of_an_early_look_is_wider_than_that_of_a_late_one(article):
    version = edit(article)
    decided(18, 25, version=1, ago=30)
    decided(15, 25, version=2, ago=10)

    early, late = (
        effects.of_version(version, make_lead(), now=at).effect.lines[0].own.change
        for at in (NOW, NOW + timedelta(weeks=8))
    )

    assert early.low < late.low
    assert early.high > late.high


def test_what_does_not_count(article):
    version = edit(article)
    cite(make_signal(ago=10, withdrawn_at=NOW), version=2)
    cite(make_signal(ago=10, author_kind="person"), version=2)
    cite(make_signal(ago=10), article="delivery", version=2)
    cite(make_signal(ago=20 + 57), version=1)  # more than eight weeks before
    once = cite(make_signal(ago=10), version=2)
    cite(once, article="delivery", version=2)  # a second article of the same reply

    own = effects.of_version(version, make_lead(), now=NOW).effect.lines[0].own

    assert (own.n_before, own.n_after) == (0, 1)


def test_the_others_are_every_other_articles_decisions_in_those_weeks(article):
    version = edit(article)
    decided(2, 3, version=7, ago=30, article="delivery")
    decided(1, 2, version=7, ago=10, article="delivery")
    decided(1, 1, version=1, ago=30)
    make_signal(ago=10)  # cites nothing

    others = effects.of_version(version, make_lead(), now=NOW).effect.lines[0].others

    assert (others.n_before, others.n_after) == (3, 2)


def test_a_version_with_the_same_text_is_no_change(article):
    first = edit(article)
    owner = edit(article, at=APPROVED_AT + timedelta(days=1), review_by="2027-01-01")
    decided(1, 1, version=1, ago=30)
    decided(1, 2, version=2, ago=18)
    decided(1, 3, version=3, ago=10)

    assert effects.of_version(owner, make_lead(), now=NOW) is None
    assert effects.of_version(first, make_lead(), now=NOW).effect.lines[0].own.n_after == 5


def test_people_see_the_effect_on_their_own_inboxes(article):
    version = edit(article)
    mine, theirs = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    decided(1, 1, version=2, ago=10, inbox=mine)
    decided(1, 2, version=2, ago=10, inbox=theirs)
    lead = make_lead(inboxes=[mine])

    assert effects.of_version(version, lead, now=NOW).effect.lines[0].own.n_after == 1
    assert effects.of_quarter(lead, now=NOW).rows[0].effect.lines[0].own.n_after == 1


def test_the_quarter_says_of_each_change_what_its_own_page_says(article):
    edit(article)
    other = make_article("delivery")
    edit(other, body="Two days.")
    decided(18, 25, version=1, ago=30)
    decided(5, 25, version=2, ago=10)
    decided(3, 4, version=1, ago=30, article="delivery")
    decided(3, 5, version=2, ago=10, article="delivery")
    lead = make_lead()

    quarter = effects.of_quarter(lead, now=NOW)

    assert quarter.pooled.changes == 2
    for one in quarter.rows:
        alone = effects.of_version(one.step.version, lead, now=NOW)
        assert [line.own for line in one.effect.lines] == [line.own for line in alone.effect.lines]


def test_each_figure_is_its_rows(article):
    version = edit(article)
    decided(18, 25, version=1, ago=30)
    decided(5, 25, version=2, ago=10, article="refund", grades=(5, 3, 5))
    decided(4, 6, version=2, ago=10, article="delivery")
    lead = make_lead()

    found = effects.of_version(version, lead, now=NOW)

    for side in ("before", "after"):
        for prefix, get in (("", lambda line: line.own), ("others_", lambda line: line.others)):
            rows = effects.selected(lead, found.step.where(prefix + side))
            for line in found.effect.lines:
                figure = get(line)
                whole = rows.filter(**effects.WHOLES[figure.measure.whole])
                assert whole.count() == getattr(figure, f"n_{side}")


def worse(article) -> None:
    edit(article)
    decided(28, 30, version=1, ago=30)
    decided(10, 30, version=2, ago=10)


def test_a_worse_version_alerts_and_has_its_roll_back_ready(article):
    worse(article)

    effect_alerts.watch(now=NOW)

    alert = Alert.objects.get(kind="article_worse", closed_at=None)
    change = Change.objects.get(kind="ROLLBACK")
    assert "accepted fell from 93.3 % (n = 30) to 33.3 % (n = 30)" in alert.text
    assert (change.status, change.origin, change.base_version, change.made_by) == ("OPEN", "EFFECT", 2, None)


def test_nothing_is_rolled_back_by_itself(article):
    worse(article)

    for minutes in (0, 15, 30):
        effect_alerts.watch(now=NOW + timedelta(minutes=minutes))

    article.refresh_from_db()
    assert article.version == 2
    assert (Change.objects.filter(kind="ROLLBACK").count(), Alert.objects.count()) == (1, 1)


def test_a_dismissed_roll_back_is_not_proposed_again_and_ends_the_alert(article):
    worse(article)
    effect_alerts.watch(now=NOW)
    changes.dismiss(
        Change.objects.get(kind="ROLLBACK"), by=make_lead(), reason="The new text is right.", now=NOW
    )

    effect_alerts.watch(now=NOW + timedelta(minutes=15))

    assert Change.objects.filter(kind="ROLLBACK").count() == 1
    assert not Alert.objects.filter(closed_at=None).exists()


def test_an_approved_roll_back_ends_the_alert(article):
    worse(article)
    effect_alerts.watch(now=NOW)
    change = Change.objects.get(kind="ROLLBACK")
    changes.approve(change, by=make_lead(), base_version=2, now=NOW)

    effect_alerts.watch(now=NOW + timedelta(minutes=15))

    article.refresh_from_db()
    assert article.body == "About refund."
    assert not Alert.objects.filter(closed_at=None).exists()


def test_a_version_that_is_as_good_raises_nothing(article):
    edit(article)
    decided(25, 30, version=1, ago=30)
    decided(24, 30, version=2, ago=10)

    effect_alerts.watch(now=NOW)

    assert not Alert.objects.exists()
    assert not Change.objects.filter(kind="ROLLBACK").exists()


def test_leads_are_notified_of_a_worse_article(seeded):
    from webhooks.alerts import rules

    make_lead("lena", email="lena@example.com")
    make_user("otto", "Operator", email="otto@example.com")

    assert rules.recipients(rules.of("article_worse")) == ["lena@example.com"]
    assert rules.recipients(rules.of("dead")) == ["otto@example.com"]


def effect_by_api(version, client):
    return client.get(f"/api/v1/knowledge-changes/{version.change_id}/").json()["effect"]


def test_the_api_tells_the_effect_of_a_change_with_n_and_interval(article, monkeypatch):
    version = edit(article)
    decided(18, 25, version=1, ago=30)
    decided(2, 25, version=2, ago=10)
    monkeypatch.setattr("webhooks.database.clock.now", lambda: NOW)

    told = effect_by_api(version, make_client(make_lead()))

    assert (told["verdict"], told["version"], told["against"]) == ("worse", 2, 1)
    accepted, good, edited = told["measures"]
    assert [one["name"] for one in told["measures"]] == ["accepted", "good", "edit"]
    assert (accepted["before"], accepted["n_before"], accepted["after"], accepted["n_after"]) == (
        18 / 25,
        25,
        2 / 25,
        25,
    )
    assert accepted["change"]["low"] < accepted["change"]["value"] == pytest.approx(-0.64)
    assert accepted["change"]["high"] < 0
    assert accepted["others"]["n_before"] == 0
    assert accepted["beyond"] is None
    assert good["verdict"] == "within chance"
    assert (edited["n_after"], edited["change"], edited["verdict"]) == (2, None, "not known yet")


def test_the_api_tells_no_effect_of_an_open_change_or_to_those_who_may_not_read_decisions(article):
    version = edit(article)
    open_one = changes.propose(article, {"body": "Other."}, kind="EDIT", origin="PERSON", by=None, now=NOW)
    lead = make_client(make_lead())

    assert effect_by_api(version, lead) is not None
    assert effect_by_api(version, make_client(make_user("alex", "Agent"))) is None
    assert lead.get(f"/api/v1/knowledge-changes/{open_one.pk}/").json()["effect"] is None
    assert all("effect" not in row for row in lead.get("/api/v1/knowledge-changes/").json()["results"])
