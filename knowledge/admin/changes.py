"""Changes of articles: what is proposed, who proposes it, and the decision. Many are approved from a list that shows them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.templatetags.support import ago, badge

from ..articles import changes, evidence, fields
from ..articles.probe_gate import CODES
from ..models import Article, Change
from . import monday, probe_panel
from .article_form import ArticleForm
from .change_differences import differences, is_own
from .draft_form import number

MOST = 500  # approved at once
TONES = {"OPEN": "PENDING", "APPROVED": "DONE", "DISMISSED": "HELD"}


@admin.action(description=gettext_lazy("Approve selected…"))
def approve_selected(model_admin: Any, request: HttpRequest, rows: QuerySet[Change]) -> HttpResponse | None:
    """Shows them first, with what they change."""
    model_admin.require(request, "edit_articles")
    keys = rows.filter(status=Change.Status.OPEN).order_by("pk").values_list("pk", flat=True)[:MOST]
    if not keys:
        messages.error(request, _("Select changes that are open."))
        return None
    query = ",".join(map(str, keys))
    return HttpResponseRedirect(f"{model_admin.url('approve_many')}?ids={query}")


@admin.register(Change)
class ChangeAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No changes yet. Edit an article, or import some: what is proposed waits here until someone approves it."
    )
    see = "articles"
    verbs = ("approve", "edit_change", "dismiss", "decide")
    actions = (approve_selected,)
    list_display = ("what", "kind_name", "state", "origin", "maker", "made")
    list_display_links = ("what",)
    list_filter = ("status", "kind", "origin")
    lookups = ("status__exact", "article__exact")
    search_fields = ("article__slug",)
    search_help_text = gettext_lazy("Search by slug")
    list_select_related = ("article__current", "made_by")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        visible = Article.objects.visible_to(access.person(request))
        return super().get_queryset(request).filter(article__in=visible)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("approve-many/", view(self.approve_many), name=self.url_name("approve_many")),
            path("review/", view(self.review), name=self.url_name("monday")),
            path("<int:object_id>/probes/", view(self.probes), name=self.url_name("probes")),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> Any:
        return super().get_actions(request) if access.may(request.user, "edit_articles") else {}

    @admin.display(description=gettext_lazy("Article"), ordering="article__slug")
    def what(self, change: Change) -> str:
        return str(change.proposed.get("title") or change.article.title)

    @admin.display(description=pgettext_lazy("noun", "Change"), ordering="kind")
    def kind_name(self, change: Change) -> str:
        return capfirst(change.get_kind_display())

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, change: Change) -> SafeString:
        return badge(TONES.get(change.status, "plain"), capfirst(change.get_status_display()))

    @admin.display(description=gettext_lazy("By"))
    def maker(self, change: Change) -> User | None:
        return change.made_by

    @admin.display(description=gettext_lazy("Proposed"), ordering="pk")
    def made(self, change: Change) -> SafeString:
        return ago(change.created_at)

    # The Lead's Monday

    def review(self, request: HttpRequest) -> HttpResponse:
        return monday.show(self, request)

    def decide(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return monday.decide(self, request, object_id)

    # One change

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id))

    def probes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The part of the page that waits until the change is measured."""
        change = self.find(request, object_id)
        facts = probe_panel.facts(
            change, access.person(request), now=clock.now(), url=self.url("probes", change.pk)
        )
        return TemplateResponse(request, "knowledge/change_probes.html", facts | {"probes_swapped": True})

    def _page(
        self, request: HttpRequest, change: Change, *, form: ArticleForm | None = None, trouble: str = "", code: str = "",
        reason: str = "",
    ) -> HttpResponse:  # fmt: skip
        article, user = change.article, access.person(request)
        is_open, may = change.status == Change.Status.OPEN, access.may(user, "edit_articles")
        wanted = (fields.of(article) if article.version else {}) | change.proposed
        texts, facts = differences(change)
        return self.page(
            request, "knowledge/change.html", title=str(change), original=change, article=article, texts=texts,
            facts=facts, may_decide=may and is_open, moved=is_open and change.base_version != article.version,
            form=form or ArticleForm(user=user, article=article, initial=wanted), trouble=trouble, state=self.state(change),
            editing=form is not None, status=409 if trouble else 400 if form else 200,
            editable=change.kind in monday.EDITABLE, second=is_open and is_own(change, user),
            urls={verb: self.url(verb, change.pk) for verb in self.verbs}, reason=reason, gated=code in CODES,
            decisions=monday.decisions(change, user), before=evidence.dismissed_before(change),
            **probe_panel.facts(change, user, now=clock.now(), url=self.url("probes", change.pk), asks=True),
        )  # fmt: skip

    def approve(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "edit_articles")
        change = self.find(request, object_id)
        seen, reason = number(request.POST.get("base_version")), request.POST.get("why", "")
        try:
            version = changes.approve(
                change, by=access.person(request), base_version=-1 if seen is None else seen, now=clock.now(), reason=reason
            )  # fmt: skip
        except changes.Refused as error:
            return self._page(
                request, self.find(request, object_id), trouble=error.detail, code=error.code, reason=reason
            )
        return self.back_to(
            request,
            "changelist",
            said=_("Approved: %(title)s is now version %(number)s.")
            % {"title": version.title, "number": version.number},
        )

    def edit_change(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Edit the proposal; with “approve” also approve it, if this person may."""
        self.require(request, "edit_articles")
        change, by, now = self.find(request, object_id), access.person(request), clock.now()
        form = ArticleForm(request.POST, user=by, article=change.article)
        if not form.is_valid():
            return self._page(request, change, form=form)
        base = number(request.POST.get("base_version"))
        try:
            changes.edit(
                change, form.proposed(), by=by, base_version=-1 if base is None else base, now=now,
                seen=request.POST.get("digest", ""),
            )  # fmt: skip
            if "approve" not in request.POST:
                return self.back_to(request, "change", change.pk, said=_("Saved. The change is still open."))
            version = changes.approve(change, by=by, base_version=change.base_version, now=now)
        except changes.Refused as error:
            saved = error.code in CODES  # the edit stands; what it does to search has to be read first
            return self._page(
                request, self.find(request, object_id), form=None if saved else form, trouble=error.detail, code=error.code
            )  # fmt: skip
        return self.back_to(
            request,
            "changelist",
            said=_("Approved: %(title)s is now version %(number)s.")
            % {"title": version.title, "number": version.number},
        )

    def dismiss(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "edit_articles")
        change = self.find(request, object_id)
        try:
            changes.dismiss(
                change, by=access.person(request), reason=request.POST.get("reason", ""), now=clock.now()
            )
        except changes.Refused as error:
            return self._page(request, self.find(request, object_id), trouble=error.detail)
        return self.back_to(request, "changelist", said=_("Dismissed."))

    # Many

    def approve_many(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "edit_articles")
        if request.method == "POST":
            return self._approve(request)
        keys = [key for part in request.GET.get("ids", "").split(",")[:MOST] if (key := number(part))]
        found = self.get_queryset(request).filter(pk__in=keys, status=Change.Status.OPEN)
        rows = [
            (change, *differences(change)) for change in found.select_related("article__current", "made_by")
        ]
        return self.page(
            request,
            "knowledge/changes_approve.html",
            title=_("Approve changes"),
            rows=rows,
            list_url=self.url("changelist"),
        )

    def _approve(self, request: HttpRequest) -> HttpResponse:
        pairs = [one.partition(":") for one in request.POST.getlist("id")[:MOST]]
        bases = {number(key) or 0: number(base) for key, _, base in pairs}
        seen = {key: base for key, base in bases.items() if base is not None}
        rows = [
            (change, seen[change.pk])
            for change in self.get_queryset(request).filter(pk__in=seen).order_by("pk")
        ]
        refused = changes.approve_many(rows, by=access.person(request), now=clock.now())
        if done := len(rows) - len(refused):
            messages.success(
                request, ngettext("Approved %(n)s change.", "Approved %(n)s changes.", done) % {"n": done}
            )
        for change, why in refused[:5]:
            messages.error(request, f"{change}: {why}")
        if len(refused) > 5:
            messages.error(
                request, _("%(n)s more were refused. They are still open.") % {"n": len(refused) - 5}
            )
        if not rows:
            messages.error(request, _("Nothing was selected."))
        return self.back_to(request, "changelist")
