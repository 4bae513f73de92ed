"""The search bench: what search finds for a question, why, and what would be drafted. Questions are saved as probes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.admin import read_only
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.templatetags.support import ago, percent

from ..drafting import candidates
from ..models import Article, Probe
from ..search import confidence, evidence, probe_runs, probes, search, state
from ..text import languages
from ..text.courtesies import Courtesy, courtesy

SHOWN = 8  # articles
MOST_QUESTION = 2000  # characters
NOTHING_ASKED = {
    Courtesy.THANKS: gettext_lazy("No reply needed: the customer only says thanks."),
    Courtesy.FOLLOW_UP: gettext_lazy(
        "This asks for news of an earlier question, which the drafter reads instead."
    ),
}


class FailingFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("result"), "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failing", _("Failing")), ("right", _("Right"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        failing = Probe.objects.failing(draft_from=confidence.DRAFT_FROM).values("pk")
        chosen = {"failing": queryset.filter(pk__in=failing), "right": queryset.exclude(pk__in=failing)}
        return chosen.get(self.value() or "", queryset)


@admin.action(description=gettext_lazy("Pin selected"))
def pin(model_admin: Any, request: HttpRequest, rows: QuerySet[Probe]) -> None:
    _set_pinned(model_admin, request, rows, True)


@admin.action(description=gettext_lazy("Unpin selected"))
def unpin(model_admin: Any, request: HttpRequest, rows: QuerySet[Probe]) -> None:
    _set_pinned(model_admin, request, rows, False)


@admin.action(description=gettext_lazy("Delete selected probes"))
def delete(model_admin: Any, request: HttpRequest, rows: QuerySet[Probe]) -> None:
    model_admin.require(request, model_admin.edit)
    chosen = list(rows)
    for probe in chosen:
        model_admin.log_deletions(request, Probe.objects.filter(pk=probe.pk))
    Probe.objects.filter(pk__in=[probe.pk for probe in chosen]).delete()
    messages.success(
        request, ngettext("Deleted %(n)s probe.", "Deleted %(n)s probes.", len(chosen)) % {"n": len(chosen)}
    )


def _set_pinned(model_admin: Any, request: HttpRequest, rows: QuerySet[Probe], is_pinned: bool) -> None:
    model_admin.require(request, model_admin.edit)
    chosen = list(rows.exclude(pinned=is_pinned))
    Probe.objects.filter(pk__in=[probe.pk for probe in chosen]).update(pinned=is_pinned)
    for probe in chosen:
        model_admin.log_change(request, probe, "Pinned" if is_pinned else "Unpinned")
    n = len(chosen)
    pinned = ngettext("Pinned %(n)s probe.", "Pinned %(n)s probes.", n)
    unpinned = ngettext("Unpinned %(n)s probe.", "Unpinned %(n)s probes.", n)
    messages.success(request, (pinned if is_pinned else unpinned) % {"n": n})


@admin.register(Probe)
class ProbeAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No probes yet. Ask a question on the search bench, and save it with its right article."
    )
    see = "articles"
    edit = "edit_articles"
    list_display = (
        "question_line",
        "language_name",
        "right_article",
        "rank",
        "confident",
        "is_pinned",
        "saved",
    )
    list_filter = (FailingFilter, "pinned")
    actions = (pin, unpin, delete)
    list_select_related = ("expected__current", "created_by")
    search_fields = ("question",)
    ordering = ("-id",)
    fields = (
        "question",
        "expected",
        "pinned",
        "language_name",
        "rank",
        "confident",
        "made_from",
        "created_by",
        "created_at",
    )
    readonly_fields = (
        "question", "language_name", "rank", "confident", "made_from", "created_by", "created_at",
    )  # fmt: skip
    autocomplete_fields = ("expected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Probe]:
        return Probe.objects.visible_to(access.person(request)).select_related(
            "expected__current", "created_by"
        )

    def get_actions(self, request: HttpRequest) -> Any:
        return super().get_actions(request) if access.may(request.user, self.edit) else {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Another right article: how it stands now."""
        outcome, _ = probes.measured(obj.question, obj.expected.slug if obj.expected else None)
        obj.last_rank, obj.last_confidence = outcome.rank, outcome.p
        super().save_model(request, obj, form, change)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        return super().changelist_view(request, {"title": _("Probes")} | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a probe is saved on the bench, where it is tried first

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("bench/", view(self.bench_view), name=self.url_name("bench")),
            path("bench/save/", view(require_POST(self.save_view)), name=self.url_name("bench_save")),
            *super().get_urls(),
        ]

    def bench_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        question = request.GET.get("q", "").strip()[:MOST_QUESTION]
        facts = tried(question) if question else {}
        return self.page(
            request, "knowledge/search_bench.html", title=_("Search bench"), question=question, trouble=state.trouble(),
            may_save=access.may(request.user, self.edit), save_url=self.url("bench_save"), probes_url=self.url("changelist"),
            probes=self.get_queryset(request).count(), history=probe_runs.history(),
            failing=self.get_queryset(request).filter(
                pk__in=Probe.objects.failing(draft_from=confidence.DRAFT_FROM).values("pk")
            ).count(),
            articles=Article.objects.live().order_by("current__title", "language"),
            **facts,
        )  # fmt: skip

    def save_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.edit)
        question, slug = request.POST.get("question", "").strip(), request.POST.get("expected", "")
        expected = Article.objects.live().filter(slug=slug).first()
        if not question or (slug != probes.NO_ARTICLE and expected is None):
            return self.back_to(
                request, "bench", trouble=_("Choose the right article, or “No article answers this”.")
            )
        probes.save(
            question,
            expected=expected,
            by=access.person(request),
            now=clock.now(),
            pinned="pinned" in request.POST,
        )
        self.message_user(request, _("Saved as a probe."))
        return HttpResponseRedirect(self.url("bench") + "?" + urlencode({"q": question[:MOST_QUESTION]}))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found:
            found.shown_for = request
        return found

    @admin.display(description=gettext_lazy("Question"), ordering="question")
    def question_line(self, probe: Probe) -> str:
        return probe.question[:100]

    @admin.display(description=gettext_lazy("Made from"))
    def made_from(self, probe: Probe) -> SafeString | str:
        if probe.signal:
            text, reader = _("a decision about a reply"), getattr(probe, "shown_for", None)
            if reader is None or not read_only.may_open(reader, probe.signal):
                return text
            link = reverse("admin:knowledge_learningsignal_change", args=[probe.signal_id])
            return format_html('<a class="s-link" href="{}">{}</a>', link, text)
        return _("a dismissed customer") if probe.dismissal_id else _("typed by a person")

    @admin.display(description=gettext_lazy("Language"), ordering="language")
    def language_name(self, probe: Probe) -> str:
        return languages.shown(probe.language)

    @admin.display(description=gettext_lazy("Right article"), ordering="expected__slug")
    def right_article(self, probe: Probe) -> str:
        return str(probe.expected or _("None"))

    @admin.display(description=gettext_lazy("Last rank"), ordering="last_rank")
    def rank(self, probe: Probe) -> str | None:
        missing = _("not found") if probe.expected else None
        return str(probe.last_rank) if probe.last_rank else missing

    @admin.display(description=gettext_lazy("Last confidence"), ordering="last_confidence")
    def confident(self, probe: Probe) -> str:
        return percent(probe.last_confidence)

    @admin.display(description=gettext_lazy("Pinned"), ordering="pinned", boolean=True)
    def is_pinned(self, probe: Probe) -> bool:
        return probe.pinned

    @admin.display(description=gettext_lazy("Saved"), ordering="created_at")
    def saved(self, probe: Probe) -> SafeString:
        return ago(probe.created_at)


def tried(question: str) -> dict[str, Any]:
    """What the page shows of one question."""
    result = search.search(question, limit=SHOWN)
    rows = search.rows_of(result.answers)
    found: list[dict[str, Any]] = [
        {
            "answer": answer, "article": rows[answer.live.pk], "why_not": candidates.why_not(answer, confidence.DRAFT_FROM),
            "sentence": evidence.answering_sentence(question, rows[answer.live.pk].body, language=answer.live.language)
            if answer.confidence >= confidence.MAY_FIT_FROM else "",
        }
        for answer in result.answers if answer.live.pk in rows
    ]  # fmt: skip
    asks_nothing = courtesy(question)
    return {
        "result": result, "language_name": languages.shown(result.language), "found": found,
        "nothing_asked": NOTHING_ASKED[asks_nothing] if asks_nothing else "",
        "drafted": None if asks_nothing else next((one for one in found if not one["why_not"]), None),
        "any_may_fit": any(one["answer"].confidence >= confidence.MAY_FIT_FROM for one in found),
        "probe": Probe.objects.filter(question=question, conversation=None).select_related("expected").first(),
    }  # fmt: skip
