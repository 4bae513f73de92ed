"""Articles: read, propose, publish, compare and restore. Every button makes a change; none writes an article by itself."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.display import charts, formats
from webhooks.templatetags.support import ago, badge

from ..articles import asked_questions, changes, fields
from ..articles.probe_gate import CODES
from ..imports import export
from ..learning import edits, effects, health
from ..models import Article, ArticleVersion, Change, Citation, Contradiction, Question
from ..templatetags.learning import rows_url
from . import article_preview
from .article_form import ArticleForm
from .draft_form import number

TONES = {"LIVE": "DONE", "WITHDRAWN": "HELD"}
WEIGHTS = {3: "DEAD", 2: "STALE", 1: "plain"}  # of a concern → the badge's colour


@admin.register(Article)
class ArticleAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No articles yet. Add the first one, or import your help centre: drafts are written from live articles."
    )
    see = edit = "articles"  # everybody proposes; who may publish is the verb's to say
    verbs = ("restore", "withdraw", "merge", "remove_question")
    list_display = (
        "name",
        "language",
        "state",
        "concerns",
        "uses",
        "accepted",
        "edited",
        "grades",
        "waiting",
        "updated",
    )
    list_display_links = ("name",)
    list_filter = ("status", "language", "is_policy")
    lookups = ("slug__exact",)
    search_fields = ("slug", "current__title", "current__question", "current__keywords", "current__body")
    ordering = ("language", F("current__title").asc(nulls_last=True), "slug")
    list_before_template = "knowledge/article_list.html"  # type: ignore[assignment]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # drafts cite it: withdraw it instead

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """In the list, what needs a look comes first."""
        visible = Article.objects.visible_to(access.person(request)).with_texts()
        rows = visible.annotate(open_changes=_open_changes(), was_used=_was_used())
        found: health.Report | None = getattr(request, "article_health", None)
        return rows if found is None else rows.annotate(weight=_weight(found))

    def get_ordering(self, request: HttpRequest) -> Any:
        in_list = hasattr(request, "article_health")
        return ("-weight", *self.ordering) if in_list else self.ordering

    def get_list_display(self, request: HttpRequest) -> Any:
        """What became of replies is for those who see the team's decisions."""
        team = access.may(request.user, "learning")
        return [
            name for name in self.list_display if team or name not in ("uses", "accepted", "edited", "grades")
        ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(require_POST(self.preview)), name=self.url_name("preview")),
            path("export/", view(self.export), name=self.url_name("export")),
            path(
                "<int:object_id>/versions/<int:number>/",
                view(self.version_view),
                name=self.url_name("versions"),
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        if self.has_view_permission(request):
            request.article_health = health.report(access.person(request), now=clock.now())  # type: ignore[attr-defined]
        facts = {"may_import": access.may(request.user, "edit_articles")}
        return super().changelist_view(request, (extra_context or {}) | facts)

    @admin.display(description=gettext_lazy("Title"), ordering="current__title")
    def name(self, article: Article) -> str:
        return article.title

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, article: Article) -> SafeString:
        if article.status == "LIVE" and article.is_expired(now=clock.now()):
            return badge("STALE", _("Expired"))
        return badge(TONES.get(article.status, "plain"), capfirst(article.get_status_display()))

    @admin.display(description=gettext_lazy("Open changes"), ordering="open_changes")
    def waiting(self, article: Article) -> str:
        return str(getattr(article, "open_changes", 0) or "–")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        report: health.Report = request.article_health  # type: ignore[attr-defined]
        for row in found.result_list:  # evaluated here, and kept
            row.health, row.uses_url = report.by_key.get(row.pk), rows_url(report.where(row))
        return found

    @admin.display(description=gettext_lazy("To look at"), ordering="weight")
    def concerns(self, article: Article) -> SafeString | str:
        own = _health(article)
        known = [badge(WEIGHTS[one.weight], one.text) for one in own.concerns] if own else []
        return format_html_join(" ", "{}", ((one,) for one in known)) or "–"

    @admin.display(description=gettext_lazy("Used, 28 days"))
    def uses(self, article: Article) -> SafeString | str:
        own = _health(article)
        if own is None or not own.uses:
            return "–" if own is None else _("not used") if article.was_used else _("never used")  # type: ignore[attr-defined]
        return format_html('<a class="s-link" href="{}">{}</a>', article.uses_url, formats.number(own.uses))  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("Accepted"))
    def accepted(self, article: Article) -> SafeString | str:
        return _of(article, "accepted")

    @admin.display(description=gettext_lazy("Edited"))
    def edited(self, article: Article) -> SafeString | str:
        return _of(article, "edited")

    @admin.display(description=gettext_lazy("Grades"))
    def grades(self, article: Article) -> SafeString | str:
        """Medians of tone, accuracy and policy."""
        own = _health(article)
        if own is None or not own.graded:
            return "–"
        few = "s-quiet" if own.graded < health.LEAST else ""
        medians = " · ".join(formats.number(one, 0 if one == int(one) else 1) for one in own.medians)
        return format_html(
            '<span class="s-time {}">{}</span><br><span class="s-small s-quiet s-time">n = {}</span>',
            few,
            medians,
            own.graded,
        )

    @admin.display(description=gettext_lazy("Changed"), ordering="updated_at")
    def updated(self, article: Article) -> SafeString:
        return ago(article.updated_at)

    # One article

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.require(request, "articles")
        return self._form_page(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._form_page(request, self.find(request, object_id))

    def _form_page(self, request: HttpRequest, article: Article | None) -> HttpResponse:
        user, trouble = access.person(request), ""
        start = fields.of(article) if article and article.version else _first_proposal(article)
        form = ArticleForm(request.POST or None, user=user, article=article, initial=start)
        if request.method == "POST" and form.is_valid():
            try:
                return self._made(request, article, form)
            except changes.Refused as error:
                trouble = error.detail
                article = self.find(request, article.pk) if article else None
            except fields.Invalid as error:
                for name, text in error.problems.items():
                    form.add_error(name if name in form.fields else None, text)
        return self.page(
            request, "knowledge/article.html", title=article.title if article else _("Add an article"), original=article,
            form=form, article=article, trouble=trouble, status=409 if trouble else 400 if form.is_bound else 200,
            may_publish=access.may(user, "edit_articles"), preview_url=self.url("preview"), **_facts(article, user),
            effects=effects.of_article(article, user, now=clock.now()) if article and access.may(user, "learning") else [],
            meanwhile=edits.words_between(form["body"].value() or "", article.body) if trouble and article else [],
        )  # fmt: skip

    def _made(self, request: HttpRequest, article: Article | None, form: ArticleForm) -> HttpResponse:
        given = form.proposed()
        if article is None:
            given["slug"] = given["slug"] or slugify(given["title"])[:100].strip("-")
        kind = Change.Kind.EDIT if article and article.version else Change.Kind.NEW
        facts: dict[str, Any] = {
            "kind": kind, "origin": Change.Origin.PERSON, "by": access.person(request), "now": clock.now(),
            "base_version": number(request.POST.get("base_version")) if article else None,
        }  # fmt: skip
        if "publish" in request.POST:
            try:
                change = changes.publish(article, given, **facts)
            except changes.Refused as error:
                if error.code not in CODES:
                    raise
                return self._to_decide(request, changes.propose(article, given, **facts), error)
            return self.back_to(
                request,
                "change",
                change.article_id,
                said=_("Published version %(number)s.") % {"number": change.became.number},
            )
        return self._proposed(request, changes.propose(article, given, **facts))

    def _proposed(self, request: HttpRequest, change: Change) -> HttpResponse:
        messages.success(request, _("Proposed. A Lead or a Manager decides."))
        return _to_change(change)

    def _to_decide(self, request: HttpRequest, change: Change, error: changes.Refused) -> HttpResponse:
        """Its page shows which probes are lost, and asks for the reason."""
        messages.error(
            request, _("Not published yet: it is an open change. %(detail)s") % {"detail": error.detail}
        )
        return _to_change(change)

    def version_view(self, request: HttpRequest, object_id: int, number: int) -> HttpResponse:
        article = self.find(request, object_id)
        version = (
            article.versions.select_related("approved_by", "made_by", "change").filter(number=number).first()
        )
        if version is None:
            raise Http404
        before = article.versions.filter(number=number - 1).first()
        return self.page(
            request,
            "knowledge/article_version.html",
            title=_("%(title)s, version %(number)s") % {"title": article.title, "number": number},
            original=article,
            article=article,
            version=version,
            differences=_between(before, version),
            before=before,
            since=_between(version, article.current) if article.version != number else [],
            restore_url=self.url("restore", article.pk),
            may_publish=access.may(request.user, "edit_articles"),
        )

    def restore(self, request: HttpRequest, object_id: int) -> HttpResponse:
        article = self.find(request, object_id)
        to = number(request.POST.get("version")) or -1
        return self._verb(request, article, lambda **who: changes.roll_back(article, to=to, **who))

    def withdraw(self, request: HttpRequest, object_id: int) -> HttpResponse:
        article, note = self.find(request, object_id), request.POST.get("note", "").strip()
        kind, origin = Change.Kind.WITHDRAW, Change.Origin.PERSON
        return self._verb(
            request, article, lambda **who: changes.propose(article, {}, kind=kind, origin=origin, note=note, **who)
        )  # fmt: skip

    def merge(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Proposes that another article becomes part of this one. The text is edited on the change's page."""
        article = self.find(request, object_id)
        other = self.get_queryset(request).filter(pk=number(request.POST.get("other")) or 0).first()
        given = {"body": f"{article.body}\n\n{other.body}"} if other and "append" in request.POST else {}
        kind, origin = Change.Kind.MERGE, Change.Origin.PERSON
        return self._verb(
            request, article, lambda **who: changes.propose(article, given, kind=kind, origin=origin, merges=other, **who)
        )  # fmt: skip

    def remove_question(self, request: HttpRequest, object_id: int) -> HttpResponse:
        article, by = self.find(request, object_id), access.person(request)
        seen = Question.objects.visible_to(by).filter(article=article)
        question = get_object_or_404(seen, pk=number(request.POST.get("question")) or 0)
        try:
            asked_questions.remove(question, by=by)
        except changes.Refused as error:
            return self.back_to(request, "change", article.pk, trouble=error.detail)
        return self.back_to(
            request, "change", article.pk, said=_("Removed. Search no longer learns from this question.")
        )

    def _verb(self, request: HttpRequest, article: Article, propose: Any) -> HttpResponse:
        """A change; with “publish” approved at once. If that is refused, it stays open for someone else."""
        by, now = access.person(request), clock.now()
        try:
            change = propose(by=by, now=now)
            if "publish" not in request.POST:
                return self._proposed(request, change)
            version = changes.approve(change, by=by, base_version=change.base_version, now=now)
        except changes.Refused as error:
            if error.code in CODES:
                return self._to_decide(request, change, error)
            return self.back_to(request, "change", article.pk, trouble=error.detail)
        return self.back_to(
            request,
            "change",
            article.pk,
            said=_("Done: this is version %(number)s.") % {"number": version.number},
        )

    # Beside

    def preview(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "articles")
        body, language = request.POST.get("body", ""), request.POST.get("language", "en")
        inboxes = access.inboxes_of(access.person(request)).order_by("name")
        chosen = article_preview.chosen(
            inboxes, asked=request.POST.get("preview_inbox"), own=request.POST.getlist("inboxes")
        )
        text = article_preview.as_sent(body, language=language, inbox=chosen)
        facts = {"text": text, "inboxes": inboxes, "chosen": chosen, "preview_url": self.url("preview")}
        return render(request, "knowledge/article_preview.html", facts)

    def export(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "edit_articles")
        live = self.get_queryset(request).filter(status=Article.Status.LIVE)
        answer = HttpResponse(export.as_zip(live), content_type="application/zip")
        answer["Content-Disposition"] = 'attachment; filename="articles.zip"'
        return answer


def _health(article: Article) -> health.Health | None:
    """None if it is not live."""
    return getattr(article, "health", None)


def _of(article: Article, what: str) -> SafeString | str:
    """A share with its n, or that there are too few for one."""
    own = _health(article)
    if own is None or not own.uses:
        return "–"
    share = getattr(own, f"{what}_share")
    if share is None:
        return format_html(
            '<span class="s-quiet" title="{}">{}</span>',
            _("Fewer than %(least)s uses: too few for a share") % {"least": health.LEAST},
            _("%(part)s of %(whole)s") % {"part": getattr(own, what), "whole": own.uses},
        )  # fmt: skip
    return format_html(
        '<span class="s-time">{}</span><br><span class="s-small s-quiet s-time">n = {}</span>',
        charts.share(share),
        formats.number(own.uses),
    )


def _open_changes() -> Any:
    """Not by a join, which would group all articles."""
    rows = (
        Change.objects.filter(article=OuterRef("pk"), status=Change.Status.OPEN).order_by().values("article")
    )
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _was_used() -> Exists:
    return Exists(Citation.objects.filter(article=OuterRef("slug")))


def _weight(report: health.Report) -> Case:
    """For the order of the list: what needs a look most comes first."""
    keys = {weight: report.keys(weight) for weight in WEIGHTS}
    whens = [When(pk__in=found, then=Value(weight)) for weight, found in keys.items() if found]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def _first_proposal(article: Article | None) -> dict[str, Any]:
    """Of an article that nobody has approved yet."""
    change = article.changes.order_by("-pk").first() if article else None
    return change.proposed if change else {}


def _facts(article: Article | None, user: Any) -> dict[str, Any]:
    if article is None:
        return {}
    now = clock.now()
    versions = article.versions.select_related("approved_by", "made_by", "change").order_by("-number")
    siblings = Article.objects.filter(group=article.group).exclude(pk=article.pk).select_related("current")
    return {
        "versions": versions, "open_changes": article.changes.filter(status="OPEN").select_related("made_by"),
        "expired": article.is_expired(now=now), "review_due": article.review_is_due(now=now),
        "translations": siblings if article.group else [], "contradictions": _contradictions(article),
        "mergeable": _mergeable(article, user),
    }  # fmt: skip


def _contradictions(article: Article) -> list[tuple[Article, str, str]]:
    """(the other article, what this one says, what that one says)"""
    rows = Contradiction.objects.filter(Q(article=article) | Q(other=article)).select_related(
        "article__current", "other__current"
    )
    return [
        (row.other, row.sentence, row.other_sentence) if row.article_id == article.pk
        else (row.article, row.other_sentence, row.sentence) for row in rows.order_by("pk")
    ]  # fmt: skip


def _mergeable(article: Article, user: Any) -> QuerySet[Article]:
    """Live articles of the same language."""
    live = Article.objects.visible_to(user).live().filter(language=article.language)
    return live.exclude(pk=article.pk).order_by("current__title") if article.version else live.none()


def _between(before: ArticleVersion | None, after: ArticleVersion) -> list[tuple[str, list[edits.Piece]]]:
    """Field → its pieces, where it differs."""
    found = []
    for name in fields.TEXTS:
        was, now = (getattr(before, name) if before else ""), getattr(after, name)
        if was != now:
            found.append((str(LABELS[name]), edits.words_between(was, now)))
    return found


LABELS = {
    "title": gettext_lazy("Title"),
    "question": gettext_lazy("Question"),
    "body": gettext_lazy("Answer"),
    "keywords": gettext_lazy("Keywords"),
}


def _to_change(change: Change) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:knowledge_change_change", args=[change.pk]))
