"""The dashboard app: what Chatwoot frames beside a conversation. The draft's page of every day, below addresses of its own.

Chatwoot only names a conversation. Who may see what is decided here, as on every page, and each decision is a POST with a
CSRF token from our own form. How a person is known in the frame: webhooks/accounts/frame_grants.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from webhooks.accounts import access, frame_grants
from webhooks.database import clock
from webhooks.models import Conversation, Source
from webhooks.sources import dashboard_app

from ..models import Draft
from ..queue import queue
from ..replies.states import Refused
from . import draft_actions, draft_attachments, draft_open_page, draft_page
from .draft_form import Typed

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Frame:
    """Where a draft's page stands inside Chatwoot; desk.answer() draws it."""

    source: Source
    display_id: int = 0

    def at(self, draft: Draft, page: str) -> str:
        return reverse(f"inside_{page}", args=[self.source.slug, draft.pk])

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "framed": True, "origin": dashboard_app.origin(self.source),
            "source": self.source, "base": dashboard_app.path(self.source.slug), "display_id": self.display_id or "",
        }  # fmt: skip


def urls() -> list[URLPattern]:
    """Below /admin/inside/<source>/."""
    verbs = {verb: _of_draft(_act, verb=verb) for verb in draft_actions.ACTIONS}
    verbs["attach"] = draft_attachments.brings_files(verbs["attach"])
    pages = {page: _of_draft(_ask, page=page) for page in draft_open_page.REQUESTS}
    pages["autosave"] = require_POST(pages["autosave"])
    return [
        path("", shell, name="inside"),
        path("sign-in/", sign_in, name="inside_sign_in"),
        path("enter/", enter, name="inside_enter"),
        path("conversation/<int:display_id>/", conversation, name="inside_conversation"),
        *(path(f"draft/<int:object_id>/{page}/", view, name=f"inside_{page}") for page, view in (pages | verbs).items()),
    ]  # fmt: skip


def shell(request: HttpRequest, slug: str) -> HttpResponse:
    """What the frame opens first: it waits for Chatwoot to name the conversation."""
    source = _source(slug)
    if request.user.is_authenticated and "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})  # signed in meanwhile
    return _signed_out(request, source) or _note(request, Frame(source), "waiting")


def conversation(request: HttpRequest, slug: str, display_id: int) -> HttpResponse:
    """Its open draft, or what became of the last one."""
    source = _source(slug)
    if refused := _signed_out(request, source):
        return refused
    frame = Frame(source, display_id)
    rows = admin.site.get_model_admin(Conversation).get_queryset(request)
    found = rows.filter(source=source, display_id=display_id).first()
    if found is None:
        return _note(request, frame, "unknown")
    drafts = _drafts(request).filter(conversation=found).order_by("-pk")
    draft = drafts.filter(status__in=queue.SHOWN).first()
    if draft is None:
        last = drafts.first()
        draft = last if last and found.waiting_message_id in (None, last.in_reply_to_id) else None
    if "HX-Request" in request.headers:  # a page without a draft asks whether there is one
        return HttpResponse(headers={"HX-Refresh": "true"}) if draft else HttpResponse(status=204)
    if draft is None:
        return _note(request, frame, "no_draft", conversation=found)
    return draft_page.show(admin.site.get_model_admin(Draft), request, draft, frame=frame)


def _of_draft(view: View, **words: str) -> View:
    def run(request: HttpRequest, slug: str, object_id: int) -> HttpResponse:
        source = _source(slug)
        if refused := _signed_out(request, source):
            return refused
        if not _drafts(request).filter(pk=object_id, conversation__source=source).exists():
            raise Http404
        return view(request, source, object_id, **words)

    return run


def _ask(request: HttpRequest, source: Source, object_id: int, page: str) -> HttpResponse:
    return draft_open_page.REQUESTS[page](admin.site.get_model_admin(Draft), request, object_id)


def _act(request: HttpRequest, source: Source, object_id: int, verb: str) -> HttpResponse:
    """A button of the framed page, by the same verbs as the page's own (draft_page.act)."""
    page: Any = admin.site.get_model_admin(Draft)
    draft = page.find(request, object_id)
    frame = Frame(source, draft.conversation.display_id)
    here = reverse("inside_conversation", args=[source.slug, frame.display_id])
    if request.method != "POST":
        return HttpResponseRedirect(here)
    typed = Typed.posted(request, draft)
    try:
        _, said = draft_actions.run(verb, draft, typed, by=access.person(request), now=clock.now())
    except Refused as error:
        fresh = page.find(request, object_id)
        return draft_page.show(page, request, fresh, typed=typed, refused=error, verb=verb, frame=frame)
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(here)


def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """A window of its own, never framed: here the person lets the frame in, by a click."""
    source, known = _source(slug), access.may(request.user, "drafts")
    code = frame_grants.make_code(request, slug) if known and request.method == "POST" else ""
    facts = {
        **admin.site.each_context(request), "title": _("Drafts inside Chatwoot"), "source": source, "code": code, "known": known,
        "origin": dashboard_app.origin(source), "login": f"{reverse('admin:login')}?next={request.path}",
    }  # fmt: skip
    answer = TemplateResponse(request, "knowledge/inside_sign_in.html", facts)
    # The frame that opened this window waits for its answer: with same-origin the two would be cut apart.
    answer["Cross-Origin-Opener-Policy"] = "unsafe-none"
    answer["Cache-Control"] = "no-store"
    return answer


@csrf_exempt  # none of our cookies is sent here yet; the code and the Origin are the proof
@require_POST
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    """The frame exchanges its code for its cookie. Refused from any other page than ours, Chatwoot's included."""
    own = f"{request.scheme}://{request.get_host()}"
    grant = (
        frame_grants.redeem(request.POST.get("code", ""), slug)
        if request.headers.get("Origin") == own
        else None
    )
    if grant is None:
        return HttpResponseForbidden(
            _("This code is not valid or was already used. Sign in again."), content_type="text/plain"
        )
    answer = HttpResponse(status=204)
    frame_grants.set_cookie(answer, grant, path=dashboard_app.path(_source(slug).slug))
    return answer


def _source(slug: str) -> Source:
    """404 while a move of it is not confirmed: at another Chatwoot, the same numbers are other customers."""
    source = get_object_or_404(Source, slug=slug)
    if not dashboard_app.origin(source):
        raise Http404
    return source


def _drafts(request: HttpRequest) -> Any:
    return admin.site.get_model_admin(Draft).get_queryset(request)


def _signed_out(request: HttpRequest, source: Source) -> HttpResponse | None:
    """The page for somebody who is not known here, or may not see drafts; None for everybody else."""
    if access.may(request.user, "drafts"):
        return None
    if request.user.is_authenticated:
        return _note(request, Frame(source), "no_right")
    return _note(request, Frame(source), "signed_out", entered="entered" in request.GET)


def _note(request: HttpRequest, frame: Frame, name: str, **facts: Any) -> HttpResponse:
    """A page of a few sentences in place of a draft."""
    context = {
        **admin.site.each_context(request),
        "title": _("Support site"),
        "note": name,
        **facts,
        **frame.facts,
    }
    return TemplateResponse(request, "knowledge/inside_note.html", context)
