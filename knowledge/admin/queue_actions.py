"""What is done to selected rows of the queue: assign, dismiss, draft again. There is no approving of several at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from webhooks.accounts import access

from ..drafting import redrafting
from ..queue import assignments, queue
from ..queue.queue import State, Waiting
from ..replies.states import Refused
from .draft_form import number

MOST = 200
Act = Callable[[Waiting, QueryDict, User, datetime], None]
DECIDED = (State.ON_ITS_WAY, State.PARKED)


def selected(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "drafts")
    user, now, sent = access.person(request), timezone.now(), request.POST
    act, said = ACTIONS.get(sent.get("verb", ""), (None, ""))
    chosen = {found for one in sent.getlist("id")[:MOST] if (found := number(one))}
    rows = [row for row in queue.waiting(user, now=now) if row.conversation.pk in chosen]
    if act is None or not rows:
        messages.error(request, "Nothing is selected that still waits: mark rows first.")
    else:
        _run(request, act, rows, said=said, user=user, now=now)
    query = QueryDict(sent.get("query", "")).urlencode()
    return HttpResponseRedirect(model_admin.url("queue") + (f"?{query}" if query else ""))


def _run(
    request: HttpRequest, act: Act, rows: list[Waiting], *, said: str, user: User, now: datetime
) -> None:
    done = 0
    refused: dict[str, list[str]] = {}
    for row in rows:
        try:
            act(row, request.POST, user, now)
            done += 1
        except Refused as error:
            refused.setdefault(error.detail, []).append(str(row.conversation.contact or row.conversation))
    if done:
        messages.success(request, said.format(f"{done} customer{'s' * (done != 1)}"))
    for detail, names in refused.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        messages.error(request, f"Not for {', '.join(names[:3])}{more}: {detail}")


def _assign(row: Waiting, sent: QueryDict, user: User, now: datetime) -> None:
    wanted = sent.get("owner", "")
    owner = assignments.people().filter(pk=number(wanted) or 0).first()
    if wanted != "nobody" and owner is None:
        raise Refused("owner", "Choose who is to have them.")
    assignments.assign(row.conversation, owner=owner, by=user, now=now)


def _dismiss(row: Waiting, sent: QueryDict, user: User, now: datetime) -> None:
    assignments.dismiss(row.conversation, reason=sent.get("reason", ""), by=user, now=now)


def _redraft(row: Waiting, sent: QueryDict, user: User, now: datetime) -> None:
    if row.state in DECIDED:
        raise Refused("already_decided", "A reply is on its way, or parked.")
    if row.draft:
        redrafting.ask(row.draft, instructions="", by=user, now=now)
    elif row.state != State.DRAFTING:
        redrafting.ask_first(row.conversation, now=now)


ACTIONS: dict[str, tuple[Act, str]] = {
    "assign": (_assign, "Assigned: {}."),
    "dismiss": (_dismiss, "Dismissed: {}. Whoever writes again is back in the queue."),
    "redraft": (_redraft, "New drafts are being made for {}. The old ones stay until they come."),
}


def dismissed(model_admin: Any, request: HttpRequest) -> HttpResponse:
    model_admin.require(request, "drafts")
    user = access.person(request)
    return model_admin.page(
        request, "knowledge/queue_dismissed.html", title="Dismissed from the queue", rows=queue.dismissed(user)[:MOST],
        queue_url=model_admin.url("queue"), may_decide=access.may(user, "decide"),
    )  # fmt: skip


def put_back(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    model_admin.require(request, "decide")
    row = queue.dismissed(access.person(request)).filter(pk=object_id).first()
    if row is None:
        raise Http404
    assignments.put_back(row, by=access.person(request), now=timezone.now())
    who = row.conversation.contact or row.conversation
    return model_admin.back_to(request, "queue", said=f"{who} waits again, since the same moment as before.")
