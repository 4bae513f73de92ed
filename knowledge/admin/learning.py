"""The learning pages: the figures by week, the signals behind each number, and a single signal."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.admin.declared import InboxFilter
from webhooks.database import clock
from webhooks.templatetags.support import ago, badge, percent

from ..learning import coverage, edits, effects, learning_signals, stated_confidence, tone_edits, turns
from ..learning import figures as learning_figures
from ..learning.figures import COUNTS, MEASURES, Figures, Measure, Report
from ..models import DraftEvent, LearningSignal
from ..templatetags.learning import rows_url
from ..text import languages
from . import learning_agreement, learning_coverage, learning_effect
from .learning_filters import Besides

RANGES = (4, 12, 26)  # weeks
MOST_TURNS = 100
MOST_MISSING = 20
LOOKUPS = tuple(
    dict.fromkeys(
        (*learning_figures.LOOKUPS, *effects.LOOKUPS, *stated_confidence.LOOKUPS, *tone_edits.LOOKUPS)
    )
)
ONE_PERCENT = 0.01


@dataclass(frozen=True)
class Part:
    """One of the counts shown with a figure, and its rows."""

    count: int
    link: str


@dataclass(frozen=True)
class Cell:
    measure: Measure
    value: float | None
    link: str
    part: Part
    whole: Part


@admin.register(LearningSignal)
class LearningAdmin(RightsAdmin):
    nothing = gettext_lazy("No decisions yet. Each approved or rejected draft appears here.")
    see = "drafts"  # everyone sees their own; Leads and Managers see their inboxes'
    list_display = ("decided", "decision_badge", "kind_name", "about", "edited", "graded", "by", "withdrawn")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("decision", ChoicesDropdownFilter),
        ("author_kind", ChoicesDropdownFilter),
        ("conversation__inbox", InboxFilter),
        Besides,
    )
    list_select_related = ("conversation__inbox", "reviewer")
    lookups = LOOKUPS
    search_fields = ("citations__article",)
    search_help_text = gettext_lazy("Search by cited article")
    ordering = ("-id",)
    list_before_template = "knowledge/learning_rows.html"  # type: ignore[assignment]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[LearningSignal]:
        return learning_figures.visible(access.person(request))

    def get_urls(self) -> list[URLPattern]:
        """The figures take the usual address of the list; the rows are below it."""
        view = self.admin_site.admin_view
        rows = self.url_name("changelist")
        return [
            path("", view(self.figures_view), name=self.url_name("figures")),
            path("rows/", view(self.changelist_view), name=rows),
            path("turns/", view(self.turns_view), name=self.url_name("turns")),
            *learning_coverage.urls(self),
            *learning_effect.urls(self),
            *learning_agreement.urls(self),
            *[one for one in super().get_urls() if one.name != rows],
        ]

    def figures_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        now, user = clock.now(), access.person(request)
        requested = request.GET.get("weeks", "")
        weeks = int(requested) if requested in map(str, RANGES) else RANGES[1]
        names = access.may(user, "learning")
        mine = not names or request.GET.get("whose") == "me"
        report = learning_figures.report(user, weeks=weeks, mine=mine, now=now)
        measures = [measure for measure in MEASURES if not (mine and measure.team)]
        return self.page(
            request, "knowledge/learning.html", title=_("Learning"), tab="figures", now=now, names=names, mine=mine,
            total=report.total, weeks=report.weeks, chosen=weeks,
            ranges=[(count, self._figures_url(count, mine)) for count in RANGES],
            team_url=self._figures_url(weeks, False), mine_url=self._figures_url(weeks, True),
            any=any(report.total.counts.values()),
            cards=[self._cell(measure, report.total) for measure in measures], measures=measures,
            by_week=[(week, [self._cell(measure, week) for measure in measures]) for week in reversed(report.weeks)],
            people=self._people(report), kinds=[(label, count, rows_url(where)) for label, count, where in report.kinds],
            tone_edits=[self._tone_edits(row) for row in tone_edits.report(user, report.total)],
            missing=self._missing(request, report.total) if names and not mine else None, most=MOST_MISSING,
            rows_url=self.url("changelist"), queue_url=reverse("admin:knowledge_draft_queue"),
        )  # fmt: skip

    def _tone_edits(self, row: tone_edits.Row) -> tuple[tone_edits.Row, str, list[Part]]:
        """With its language, and each part with the rows that it counts."""
        parts = [
            Part(row.counts[name], rows_url(row.where | where)) for name, where in tone_edits.PARTS.items()
        ]
        return row, languages.shown(row.language) if row.language else _("unknown"), parts

    def _figures_url(self, weeks: int, mine: bool) -> str:
        return self.url("figures") + "?" + urlencode({"weeks": weeks, "whose": "me" if mine else "team"})

    def _cell(self, measure: Measure, figures: Figures) -> Cell:
        part, whole = (Part(figures.counts[name], self._behind(name, figures)) for name in measure.beside)
        return Cell(
            measure, figures.values.get(measure.name), self._behind(measure.behind, figures), part, whole
        )

    def _people(self, report: Report) -> list[tuple[Figures, list[Cell]]]:
        measures = [measure for measure in MEASURES if not measure.team]
        return [(person, [self._cell(measure, person) for measure in measures]) for person in report.people]

    def _behind(self, count: str, figures: Figures) -> str:
        """The URL of the rows that a number counts."""
        if count in COUNTS:
            return rows_url(figures.rows(COUNTS[count]))
        between = {"since": figures.since.isoformat(), "until": figures.until.isoformat()}
        return (
            self.url("turns") + "?" + urlencode(between | ({"drafted": "yes"} if count == "drafted" else {}))
        )

    def _missing(self, request: HttpRequest, shown: Figures) -> list[DraftEvent]:
        """In the period shown, at most one more than the page lists."""
        mine = access.in_inboxes_of(access.person(request), path="draft__conversation__inbox")
        found = learning_signals.decisions_without_signal().filter(mine, at__gte=shown.since)
        return list(found.order_by("-at")[: MOST_MISSING + 1])

    def turns_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "learning")
        now, wanted = clock.now(), request.GET.get("drafted", "")
        since, until = (_moment(request.GET.get(name)) for name in ("since", "until"))
        found = turns.turns(
            access.person(request), since=since or now - learning_figures.WEEK, until=until or now, now=now
        )
        band, outcome = request.GET.get("band", ""), request.GET.get("outcome", "")
        if band or outcome:
            found = coverage.rows(found, band=band, outcome=outcome)
        if wanted in ("yes", "no"):
            found = found.filter(drafted=wanted == "yes")
        newest = found.select_related("conversation__contact", "conversation__inbox").order_by(
            "-created_at", "-pk"
        )
        choices = [
            (value, label, "?" + urlencode({**request.GET.dict(), "drafted": value}))
            for value, label in TURNS
        ]
        return self.page(
            request, "knowledge/learning_turns.html", title=_("Customer turns"), count=found.count(), most=MOST_TURNS,
            turns=newest[:MOST_TURNS], wanted=wanted, choices=choices, since=since, until=until, back_url=self.url("figures"),
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        signal = self.find(request, object_id)
        rule = edits.rule(learning_signals.case_of(signal))
        return self.page(
            request, "knowledge/learning_signal.html", title=_("Learning signal"), signal=signal, original=signal,
            because=rule.when if rule.kind == signal.kind else "", citations=signal.citations.all(),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("Decided"), ordering="at")
    def decided(self, signal: LearningSignal) -> SafeString:
        return ago(signal.at)

    @admin.display(description=gettext_lazy("Decision"), ordering="decision")
    def decision_badge(self, signal: LearningSignal) -> SafeString:
        return badge(signal.decision.upper(), signal.get_decision_display())

    @admin.display(description=gettext_lazy("Lesson"), ordering="kind")
    def kind_name(self, signal: LearningSignal) -> str:
        return capfirst(signal.get_kind_display())

    @admin.display(description=gettext_lazy("Question"))
    def about(self, signal: LearningSignal) -> str:
        return Truncator(signal.question).chars(70)

    @admin.display(description=gettext_lazy("Changed"), ordering="ratio")
    def edited(self, signal: LearningSignal) -> str | None:
        if not signal.ratio:
            return None if signal.ratio is None else _("unchanged")
        return percent(signal.ratio) if signal.ratio >= ONE_PERCENT else _("less than 1 %")

    @admin.display(description=gettext_lazy("Tone, accuracy, policy"))
    def graded(self, signal: LearningSignal) -> str:
        return _("not graded") if signal.tone is None else " · ".join(map(str, signal.grades.values()))

    @admin.display(description=gettext_lazy("By"), ordering="reviewer")
    def by(self, signal: LearningSignal) -> str:
        return str(signal.reviewer or _("an agent in Chatwoot"))

    @admin.display(description=gettext_lazy("Withdrawn"), ordering="withdrawn_at")
    def withdrawn(self, signal: LearningSignal) -> SafeString:
        return ago(signal.withdrawn_at)


TURNS = (("", gettext_lazy("All")), ("yes", gettext_lazy("Drafted")), ("no", gettext_lazy("Not drafted")))


def _moment(text: str | None) -> datetime | None:
    try:
        at = parse_datetime((text or "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at is None or timezone.is_aware(at) else timezone.make_aware(at)
