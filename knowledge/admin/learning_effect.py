"""Learning, Effect: what the changes of articles did, all of a quarter together first, then each by itself."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.database import clock

from ..learning import effects
from ..learning.effect_measures import LEAST, Verdict
from ..learning.effects import Found

ORDER = (Verdict.WORSE, Verdict.BETTER, Verdict.CHANCE, Verdict.UNKNOWN)


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view(partial(show, model_admin))
    return [path("effect/", view, name=model_admin.url_name("effect"))]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "learning")
    now = clock.now()
    quarter = effects.of_quarter(access.person(request), now=now)
    return model_admin.page(
        request, "knowledge/learning_effect.html", title=_("Effect of changes"), tab="effect", now=now, quarter=quarter,
        rows=sorted(quarter.rows, key=_order), least=LEAST,
    )  # fmt: skip


def _order(one: Found) -> tuple[int, float]:
    """Worse first; of the same verdict, the newest."""
    return ORDER.index(one.effect.verdict), -one.step.version.approved_at.timestamp()
