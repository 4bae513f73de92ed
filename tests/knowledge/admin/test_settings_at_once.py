"""Settings that are one row are saved by one person at a time; the second sees what the first changed."""

import threading

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from knowledge.admin.learning_agreement import SettingsForm
from knowledge.admin.model_calls import LimitsForm
from knowledge.models import DrafterLimits, SecondGradeSettings
from tests.factories import make_user
from webhooks.admin.lost_updates import NotOverwritten
from webhooks.admin.switch import CapsForm
from webhooks.models import SendingSwitch

pytestmark = pytest.mark.django_db
REFUSED = "Someone changed this while you were editing it"
SETTINGS = {  # address, what is saved, and its only row
    "caps": ("webhooks_sendingswitch_limit", {"most_an_hour": "50", "most_a_conversation": ""}, SendingSwitch),
    "budget": ("knowledge_modelcall_limits", {"calls_a_day": "50", "tokens_a_day": ""}, DrafterLimits),
    "second grades": ("knowledge_learningsignal_agreement_settings", {"percent": "50"}, SecondGradeSettings),
}  # fmt: skip
FORMS = {"caps": CapsForm, "budget": LimitsForm, "second grades": SettingsForm}


@pytest.mark.parametrize("form", SETTINGS)
def test_settings_are_saved_one_person_at_a_time(seeded, monkeypatch, form):
    """Between comparing with what is stored and saving, nobody else saves: also where nobody ever saved them."""
    address, typed, kind = SETTINGS[form]
    kind.objects.all().delete()
    browser, done = Client(), []
    browser.force_login(make_user("root", is_superuser=True))
    lock, compare = QuerySet.select_for_update, NotOverwritten.clean

    def locking(rows: QuerySet) -> QuerySet:
        done.extend(["locked"] if rows.model is kind and connection.in_atomic_block else [])
        return lock(rows)

    monkeypatch.setattr(QuerySet, "select_for_update", locking)
    monkeypatch.setattr(NotOverwritten, "clean", lambda form: (done.append("compared"), compare(form))[1])

    answer = browser.post(reverse(f"admin:{address}"), typed)

    assert answer.status_code == 302
    assert done[:2] == ["locked", "compared"]
    assert kind.objects.filter(pk=1, **{name: value for name, value in typed.items() if value}).exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", SETTINGS)
def test_of_two_who_save_settings_at_once_the_second_is_told(seeded, form):
    address, typed, kind = SETTINGS[form]
    name = next(iter(typed))
    seen = FORMS[form](instance=kind.objects.get_or_create(pk=1)[0]).initial["seen_values"]
    browsers, barrier, answers = [Client(), Client()], threading.Barrier(2), []
    for number, browser in enumerate(browsers):
        browser.force_login(make_user(f"root{number}", is_superuser=True))

    def save(browser: Client, value: str) -> None:
        barrier.wait(5)
        answers.append(
            (browser.post(reverse(f"admin:{address}"), typed | {name: value, "seen_values": seen}), value)
        )
        connection.close()

    threads = [threading.Thread(target=save, args=pair) for pair in zip(browsers, ("41", "42"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    saved = [value for answer, value in answers if answer.status_code == 302]
    told = [REFUSED in answer.content.decode() for answer, _ in answers if answer.status_code != 302]
    assert (len(saved), told) == (1, [True])
    assert str(getattr(kind.objects.get(pk=1), name)) == saved[0]
