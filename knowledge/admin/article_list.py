"""The list of articles: what needs a look first, and what became of the replies that each article supported."""

from typing import Any

from django.contrib import admin
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.display import charts, formats
from webhooks.templatetags.support import ago, badge

from ..learning import health
from ..models import Article, Change, Citation
from ..templatetags.learning import rows_url

TONES = {"LIVE": "DONE", "WITHDRAWN": "HELD"}
WEIGHTS = {3: "DEAD", 2: "STALE", 1: "plain"}  # of a concern → the badge's colour


class ArticleList(RightsAdmin):
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
    def waiting(self, article: Article) -> int | None:
        return getattr(article, "open_changes", 0) or None

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        report: health.Report = request.article_health  # type: ignore[attr-defined]
        for row in found.result_list:  # evaluated here, and kept
            row.health, row.uses_url = report.by_key.get(row.pk), rows_url(report.where(row))
        return found

    @admin.display(description=gettext_lazy("To look at"), ordering="weight")
    def concerns(self, article: Article) -> SafeString | None:
        own = _health(article)
        known = [badge(WEIGHTS[one.weight], one.text) for one in own.concerns] if own else []
        return format_html_join(" ", "{}", ((one,) for one in known)) or None

    @admin.display(description=gettext_lazy("Used, 28 days"))
    def uses(self, article: Article) -> SafeString | str | None:
        own = _health(article)
        if own is None or not own.uses:
            return None if own is None else _("not used") if article.was_used else _("never used")  # type: ignore[attr-defined]
        return format_html('<a class="s-link" href="{}">{}</a>', article.uses_url, formats.number(own.uses))  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("Accepted"))
    def accepted(self, article: Article) -> SafeString | None:
        return _of(article, "accepted")

    @admin.display(description=gettext_lazy("Edited"))
    def edited(self, article: Article) -> SafeString | None:
        return _of(article, "edited")

    @admin.display(description=gettext_lazy("Grades"))
    def grades(self, article: Article) -> SafeString | None:
        """Medians of tone, accuracy and policy."""
        own = _health(article)
        if own is None or not own.graded:
            return None
        few = "s-quiet" if own.graded < health.LEAST else ""
        medians = " · ".join(formats.number(one, 0 if one == int(one) else 1) for one in own.medians)
        return format_html(
            '<span class="s-time {}">{}</span><br> <span class="s-small s-quiet s-time">n = {}</span>',
            few,
            medians,
            own.graded,
        )

    @admin.display(description=gettext_lazy("Changed"), ordering="updated_at")
    def updated(self, article: Article) -> SafeString:
        return ago(article.updated_at)


def _health(article: Article) -> health.Health | None:
    """None if it is not live."""
    return getattr(article, "health", None)


def _of(article: Article, what: str) -> SafeString | None:
    """A share with its n, or that there are too few for one."""
    own = _health(article)
    if own is None or not own.uses:
        return None
    share = getattr(own, f"{what}_share")
    if share is None:
        return format_html(
            '<span class="s-quiet" title="{}">{}</span>',
            _("Fewer than %(least)s uses: too few for a share") % {"least": health.LEAST},
            _("%(part)s of %(whole)s") % {"part": getattr(own, what), "whole": own.uses},
        )  # fmt: skip
    return format_html(
        '<span class="s-time">{}</span><br> <span class="s-small s-quiet s-time">n = {}</span>',
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
