"""What the Learning page costs with 100,000 learning signals: processor time of one request, on SQLite or DATABASE_URL."""

import random
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from knowledge.models import LearningSignal
from tests.factories import make_lead
from tests.knowledge.admin.pressing import signed_in
from tests.knowledge.learning.learnt import make_signal

pytestmark = pytest.mark.django_db
SIGNALS, TIMES = 100_000, 3
TEXT = "We are sorry to hear that. The refund reaches your account within five working days. " * 4
KINDS = ("template_refinement", "tone_improvement", "factual_correction", "new_pattern")


def fill(days: int) -> None:
    """Signals of a desk with twenty reviewers, spread over so many days before now."""
    dice, now = random.Random(days), timezone.now()
    drafts = [make_signal().draft for _ in range(200)]
    people: list[User] = [make_lead(f"lead{place}") for place in range(20)]
    LearningSignal.objects.all().delete()

    def made(number: int) -> LearningSignal:
        draft, rejected = drafts[number % len(drafts)], dice.random() < 0.1
        return LearningSignal(
            draft=draft, conversation_id=draft.conversation_id, decision="rejected" if rejected else "approved", approval=number,
            kind=dice.choice(KINDS), question=TEXT, proposal=TEXT, final_text="" if rejected else TEXT,
            ratio=None if rejected else 0.1,
            language=dice.choice(("en", "de")), edit="" if rejected else dice.choice(("nothing", "frame", "wording", "facts")),
            distance=None if rejected else 3, tone=5, accuracy=4, policy=5, author=dice.choice(("Built-in drafter", "A model")),
            author_kind="drafter", reviewer=dice.choice(people), at=now - timedelta(days=dice.random() * days),
            waited_s=dice.randrange(3000), opened_s=dice.randrange(300), category=dice.choice(("refund", "delivery")),
        )  # fmt: skip

    LearningSignal.objects.bulk_create(map(made, range(SIGNALS)), batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    ("days", "target"), [(365, 300), (80, 600)], ids=["in a year", "all in the twelve weeks shown"]
)
def test_the_learning_page(days, target):
    fill(days)
    client = signed_in(make_lead("lena"))
    client.get("/admin/knowledge/learningsignal/")
    began = time.process_time()
    for _ in range(TIMES):
        assert client.get("/admin/knowledge/learningsignal/").status_code == 200
    took = (time.process_time() - began) / TIMES * 1000
    print(
        f"\n{SIGNALS:,} signals in {days} days: the Learning page takes {took:.0f} ms of processor time ({target})"
    )
