"""Learning, Agreement: how far grades agree, and second grades: a person grades decided drafts of others again.

Until the grades are saved, the page shows neither the first grades nor who decided, nor what became of the draft.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from webhooks.accounts import access
from webhooks.admin.lost_updates import NotOverwritten, locked_settings
from webhooks.database import clock

from ..learning import second_grades
from ..models import LearningSignal, SecondGradeSettings
from ..models.grades import GRADES
from .draft_form import number
from .draft_page import GRADES as RUBRICS

SHOWN = timedelta(weeks=26)


class SettingsForm(NotOverwritten):
    percent = forms.IntegerField(
        label=gettext_lazy("Share graded again, in percent"), min_value=0, max_value=100,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 0, "max": 100}),
        help_text=gettext_lazy("Of graded decisions on machine drafts. 0: none. The same drafts are drawn each time"),
    )  # fmt: skip

    class Meta:
        model = SecondGradeSettings
        fields = ("percent",)


def urls(model_admin: Any) -> list[URLPattern]:
    view, name = model_admin.admin_site.admin_view, model_admin.url_name
    return [
        path("agreement/", view(partial(show, model_admin)), name=name("agreement")),
        path(
            "agreement/settings/",
            view(require_POST(partial(save, model_admin))),
            name=name("agreement_settings"),
        ),
        path("second-grades/", view(partial(look, model_admin)), name=name("second_grading")),
        path("second-grades/<int:signal>/", view(partial(compare, model_admin)), name=name("second_graded")),
    ]


def show(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "learning")
    return _page(model_admin, request)


@transaction.atomic
def save(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "inboxes")
    form = SettingsForm(request.POST, instance=locked_settings(SecondGradeSettings))
    if not form.is_valid():
        return _page(model_admin, request, form=form)
    row = form.save(commit=False)
    row.changed_at, row.changed_by = clock.now(), access.person(request)
    row.save()
    model_admin.log_change(request, row, _("Second grades: %(percent)s %%") % {"percent": row.percent})
    said = (
        _("Saved. %(percent)s %% of graded decisions are graded again.") % {"percent": row.percent}
        if row.percent
        else _("Saved. No decisions are graded again.")
    )
    return model_admin.back_to(request, "agreement", said=said)


def _page(model_admin: Any, request: HttpRequest, *, form: SettingsForm | None = None) -> HttpResponse:
    user, now = access.person(request), clock.now()
    settings, since = second_grades.settings(), now - SHOWN
    found = second_grades.agreements(user, since=since)
    return model_admin.page(
        request, "knowledge/learning_agreement.html", title=_("Agreement of grades"), tab="agreement", now=now, since=since,
        agreements=[(label, rubric, found[name]) for name, label, rubric in RUBRICS], settings=settings,
        disagreements=second_grades.disagreements(user, since=since), waiting=len(second_grades.waiting(user, now=now)),
        form=(form or SettingsForm(instance=settings)) if access.may(user, "inboxes") else None, status=400 if form else 200,
    )  # fmt: skip


def look(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The oldest that waits for this person; its form posts here."""
    model_admin.require(request, "decide")
    user, now, trouble = access.person(request), clock.now(), ""
    given: dict[str, int | None] = dict.fromkeys(GRADES)
    if request.method == "POST":
        given = {name: number(request.POST.get(name)) for name in GRADES}
        signal = LearningSignal.objects.filter(pk=number(request.POST.get("signal")) or 0).first()
        try:
            if signal is None:
                raise second_grades.Refused(_("This draft is no longer here."))
            second_grades.grade(signal, given, by=user, now=now)
            return HttpResponseRedirect(model_admin.url("second_graded", signal.pk))
        except second_grades.Refused as error:
            trouble = str(error)
    waiting = second_grades.waiting(user, now=now)
    wanted = number(request.POST.get("signal")) if trouble else None
    pk = wanted if wanted in waiting else next(iter(waiting), None)
    signal = LearningSignal.objects.select_related("conversation__inbox").filter(pk=pk or 0).first()
    return model_admin.page(
        request, "knowledge/second_grading.html", title=_("Second grades"), signal=signal, trouble=trouble, waiting=len(waiting),
        citations=signal.citations.all() if signal else [], status=400 if trouble else 200,
        grades=[
            {"name": name, "label": label, "rubric": rubric, "value": given[name] if pk == wanted else None}
            for name, label, rubric in RUBRICS
        ],
    )  # fmt: skip


def compare(model_admin: Any, request: HttpRequest, signal: int) -> HttpResponse:
    """First and second grades side by side, with what became of the draft. 404 until there are second grades."""
    model_admin.require(request, "learning")
    user = access.person(request)
    rows = (
        model_admin.get_queryset(request)
        .filter(second__isnull=False)
        .select_related("second", "conversation__inbox")
    )
    found = rows.filter(pk=signal).first()
    if found is None:
        raise Http404
    return model_admin.page(
        request, "knowledge/second_graded.html", title=_("Second grades"), signal=found, citations=found.citations.all(),
        waiting=len(second_grades.waiting(user, now=clock.now())),
        grades=[(label, rubric, getattr(found, name), getattr(found.second, name)) for name, label, rubric in RUBRICS],
    )  # fmt: skip
