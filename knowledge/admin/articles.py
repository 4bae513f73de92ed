"""Articles: read, propose, publish, compare and restore. Every button makes a change; none writes an article by itself."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.database import clock

from ..articles import asked_questions, changes, fields
from ..articles.probe_gate import CODES
from ..imports import export
from ..learning import edits, effects
from ..models import Article, Change, Question
from . import article_facts, article_preview
from .article_form import ArticleForm
from .article_list import ArticleList
from .draft_form import number


@admin.register(Article)
class ArticleAdmin(ArticleList):
    nothing = gettext_lazy(
        "No articles yet. Add the first one, or import your help centre: drafts are written from live articles."
    )
    see = edit = "articles"  # everybody proposes; who may publish is the verb's to say
    verbs = ("restore", "withdraw", "merge", "remove_question")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # drafts cite it: withdraw it instead

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
            may_publish=access.may(user, "edit_articles"), preview_url=self.url("preview"), **article_facts.of(article, user),
            effects=effects.of_article(article, user, now=clock.now()) if article and access.may(user, "learning") else [],
            meanwhile=edits.words_between(form["body"].value() or "", article.body) if trouble and article else [],
        )  # fmt: skip

    def _made(self, request: HttpRequest, article: Article | None, form: ArticleForm) -> HttpResponse:
        given = form.proposed()
        if article is None:
            given["slug"] = given["slug"] or fields.slug_from(given["title"])
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
            differences=article_facts.between(before, version),
            before=before,
            since=article_facts.between(version, article.current) if article.version != number else [],
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
        except changes.Refused as error:
            return self.back_to(request, "change", article.pk, trouble=error.detail)
        if "publish" not in request.POST:
            return self._proposed(request, change)
        try:
            version = changes.approve(change, by=by, base_version=change.base_version, now=now)
        except changes.Refused as error:
            if error.code in CODES:
                return self._to_decide(request, change, error)
            return self.back_to(request, "change", article.pk, trouble=error.detail)
        said = _("Done: this is version %(number)s.") % {"number": version.number}
        return self.back_to(request, "change", article.pk, said=said)

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


def _first_proposal(article: Article | None) -> dict[str, Any]:
    """Of an article that nobody has approved yet."""
    change = article.changes.order_by("-pk").first() if article else None
    return change.proposed if change else {}


def _to_change(change: Change) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:knowledge_change_change", args=[change.pk]))
