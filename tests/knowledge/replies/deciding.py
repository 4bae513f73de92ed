"""What tests of decisions share: grades, an approval, a refusal's code, a flagged draft, the sends put in."""

from typing import Any

import pytest

from knowledge.models import Draft, RiskRule
from knowledge.replies import decisions
from knowledge.risk import evaluate
from tests.factories import GRADES, NOW, make_lead
from webhooks.models import Delivery


def refusal(verb: Any, *subject: Any, **arguments: Any) -> str:
    with pytest.raises(decisions.Refused) as caught:
        verb(*subject, now=NOW, **arguments)
    assert caught.value.detail
    return caught.value.code


def approve(
    draft: Draft, *, by: Any = None, revision: int | None = None, grades: Any = GRADES, **more: Any
) -> Draft:
    revision = revision or draft.revision
    decisions.approve(draft, by=by or make_lead(), revision=revision, grades=grades, now=NOW, **more)
    return draft


def sends() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(event="reply.send").order_by("pk")
    return list(rows.values_list("delivery_key", "status"))


def flagged(draft: Draft) -> Draft:
    """By a rule that holds whatever the text becomes: a second person must look."""
    RiskRule.objects.get_or_create(
        name="password", kind="words", words=["password"], where="customer", second_person=True
    )  # fmt: skip
    Draft.objects.filter(pk=draft.pk).update(risk=evaluate.flags_of(draft))
    draft.refresh_from_db()
    assert draft.needs_second_person
    return draft
