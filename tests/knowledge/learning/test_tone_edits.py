"""Tone edits: counted by drafter and language, of approved drafts, each with its rows."""

import pytest

from knowledge.learning import figures, tone_edits
from knowledge.models import LearningSignal
from tests.factories import make_draft, make_inbox, make_lead, make_user
from tests.knowledge.learning.learnt import NOW, make_signal, rejected
from tests.knowledge.replies.deciding import approve

pytestmark = pytest.mark.django_db


def report(user=None, **facts) -> list[tone_edits.Row]:
    user = user or make_lead("lena")
    return tone_edits.report(user, figures.report(user, weeks=4, mine=False, now=NOW, **facts).total)


def edited(edit: str, **facts) -> LearningSignal:
    return make_signal(edit=edit, **{"language": "en"} | facts)


def test_wording_and_frame_are_counted_of_the_approved_ones_by_drafter_and_language():
    for edit in ("nothing", "wording", "wording", "frame", "facts"):
        edited(edit)
    edited("wording", author="Model", language="de")
    rejected(edit="", language="en")

    found = [(row.author, row.language, row.approved, row.counts, row.share) for row in report()]

    assert found == [
        ("Built-in drafter", "en", 5, {"wording": 2, "frame": 1}, 0.6),
        ("Model", "de", 1, {"wording": 1, "frame": 0}, 1.0),
    ]


def test_what_was_decided_before_edits_were_distinguished_is_left_out():
    edited("")

    assert report() == []


def test_only_decisions_in_ones_own_inboxes_are_counted():
    edited("frame", inbox=make_inbox(inbox_id=9))

    assert report(make_user("bob", "Lead", inboxes=[make_inbox(inbox_id=8)])) == []


def test_a_decision_says_what_was_changed_and_in_which_language_the_draft_is():
    draft = make_draft(text="Please write to us again as soon as the parcel has arrived at your door.")

    approve(draft, text=draft.body.replace("write to", "contact"))

    signal = LearningSignal.objects.get()
    assert (signal.edit, signal.language) == ("wording", "en")
