"""Saved filters of the queue: whose they are, who sees a shared one, and who changes it."""

import pytest

from knowledge.models import QueueFilter
from knowledge.queue import saved_filters
from tests.factories import make_inbox, make_lead, make_user
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.admin.test_queue_page import drafted, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(seeded):
    return make_lead("maria")


@pytest.fixture
def anna(seeded):
    return make_user("anna", "Agent")


def kept(user, **fields):
    return signed_in(user).post(url("filters"), fields)


def shared_by(user, query: str = "state=ready", name: str = "Ready") -> QueueFilter:
    kept(user, name=name, query=query, shared="1")
    return QueueFilter.objects.get(user=user, name=name)


def opened(user, address: str) -> str:
    return signed_in(user).get(address).content.decode()


def test_a_filter_is_saved_under_a_name_and_shown_to_its_person_alone(maria):
    drafted(7)
    kept(maria, name="Ready in English", query="state=ready&language=en&draft=7&show=200")

    assert '<a href="?language=en&amp;state=ready">Ready in English</a>' in opened(maria, url())
    assert "Ready in English" not in opened(make_lead("bob"), url())


def test_a_filter_saved_twice_under_one_name_is_the_later_one(maria):
    for query in ("state=ready", "language=de"):
        kept(maria, name="Mine", query=query)

    assert list(QueueFilter.objects.values_list("name", "query")) == [("Mine", "language=de")]


@pytest.mark.parametrize(
    "fields", [{"name": " ", "query": "state=ready"}, {"name": "All", "query": "colour=red"}]
)
def test_a_filter_without_a_name_or_a_choice_is_not_saved(maria, fields):
    assert kept(maria, **fields).status_code == 302
    assert not QueueFilter.objects.exists()


def test_a_person_has_so_many_filters_and_not_one_more(maria):
    for number in range(saved_filters.MOST + 1):
        kept(maria, name=f"Filter {number}", query="state=ready")

    assert QueueFilter.objects.count() == saved_filters.MOST


def test_a_filter_that_a_lead_shares_is_shown_to_everyone_with_its_owner(maria, anna):
    drafted(7)
    shared_by(maria)

    page = opened(anna, url())

    assert '<a href="?state=ready" title="Shared by maria">Ready</a>' in page


def test_a_shared_filter_of_an_inbox_is_for_those_who_see_the_inbox(maria):
    support, sales = make_inbox(inbox_id=2), make_inbox(inbox_id=3)
    anna = make_user("anna", "Agent", inboxes=[support])
    for inbox in (support, sales):
        shared_by(maria, query=f"inbox={inbox.pk}", name=f"Of {inbox.pk}")

    assert [one.name for one in saved_filters.seen_by(anna)] == [f"Of {support.pk}"]
    assert len(saved_filters.seen_by(maria)) == 2


def test_an_agent_saves_filters_and_shares_none(maria, anna):
    drafted(7)
    kept(anna, name="Ready", query="state=ready", shared="1")
    assert not QueueFilter.objects.exists()

    kept(anna, name="Ready", query="state=ready")
    kept(anna, share=QueueFilter.objects.get().pk)

    assert list(QueueFilter.objects.values_list("user__username", "is_shared")) == [("anna", False)]
    assert "Share with" not in opened(anna, url() + "?state=ready&language=en")
    assert "Share with" in opened(maria, url() + "?state=ready&language=en")


def test_a_filter_is_shared_and_kept_to_its_owner_again(maria):
    kept(maria, name="Ready", query="state=ready")
    row = QueueFilter.objects.get()

    kept(maria, share=row.pk)
    row.refresh_from_db()
    assert row.is_shared
    kept(maria, unshare=row.pk)
    row.refresh_from_db()
    assert not row.is_shared


@pytest.mark.parametrize("verb", ["delete", "unshare"])
def test_a_shared_filter_is_changed_by_its_owner_or_a_lead_alone(maria, anna, verb):
    row = shared_by(maria)

    kept(anna, **{verb: row.pk})
    assert QueueFilter.objects.filter(is_shared=True).exists()
    kept(make_lead("bob"), **{verb: row.pk})
    assert not QueueFilter.objects.filter(is_shared=True).exists()


def test_the_buttons_of_a_shared_filter_are_for_those_who_may_press_them(maria, anna):
    drafted(7)
    shared_by(maria)

    assert 'name="delete"' not in opened(anna, url() + "?state=ready")
    assert 'name="delete"' in opened(make_lead("bob"), url() + "?state=ready")


def test_a_filter_of_ones_own_is_nobody_elses_to_change(maria):
    kept(maria, name="Ready", query="state=ready")
    row = QueueFilter.objects.get()

    kept(make_lead("bob"), delete=row.pk)
    assert QueueFilter.objects.exists()
    kept(maria, delete=row.pk)
    assert not QueueFilter.objects.exists()
