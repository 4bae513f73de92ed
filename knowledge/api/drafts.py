"""/api/v1/drafts/, for programs and people. Thin: the verbs are in replies/."""

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks import parsing
from webhooks.accounts import access
from webhooks.api.conventions import Conflict, param_choice, param_number, param_text
from webhooks.api.described import Described
from webhooks.database import clock
from webhooks.models import Conversation, Message

from ..models import Draft
from ..replies import decisions, escalations
from .draft_serializers import (
    ClaimSerializer,
    DecisionSerializer,
    DraftSerializer,
    EscalationSerializer,
    ProposalSerializer,
)

STATUS_OF = {
    "grades_required": 400,
    "reason_required": 400,
    "empty": 400,
    "then": 400,
    "attachments": 400,
    "owner": 400,
    "forbidden": 403,
}


DECIDED = (
    "already_decided",
    "stale",
    "revision_changed",
    "claimed",
    "second_person_required",
    "recipients",
    "window_closed",
)
FILTERS = (
    OpenApiParameter("source", description="The slug of a connected Chatwoot"),
    OpenApiParameter("status", enum=["", *Draft.Status.values]),
    OpenApiParameter("conversation_id", {"type": "integer", "minimum": 0}),
)
VERBS = ("approve", "reject", "escalate", "undo", "claim", "carry_over", "resend", "arrived", "close")


class DraftViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    permission_classes = [access.has_right("drafts")]
    serializer_class = DraftSerializer
    params = {"list": FILTERS}
    conflicts = {"create": ("stale",), **dict.fromkeys(VERBS, DECIDED)}
    refusals = {
        "create": ("empty",), "approve": ("grades_required", "empty", "then", "attachments"),
        "reject": ("grades_required", "reason_required"),
        "escalate": ("reason_required", "owner"), "claim": ("reason_required",),
    }  # fmt: skip
    queryset = Draft.objects.select_related(
        "conversation__source", "conversation__inbox", "in_reply_to", "decided_by"
    ).prefetch_related("attachments")

    def get_queryset(self) -> Any:
        return (
            super()
            .get_queryset()
            .filter(access.in_inboxes_of(access.person(self.request), path="conversation__inbox"))
        )

    def filter_queryset(self, queryset: Any) -> Any:
        query = self.request.query_params
        if query.get("source"):
            queryset = queryset.filter(conversation__source__slug=param_text("source", query["source"]))
        if query.get("status"):
            queryset = queryset.filter(status=param_choice("status", query["status"], Draft.Status.values))
        if query.get("conversation_id"):
            number = param_number("conversation_id", query["conversation_id"])
            queryset = queryset.filter(conversation__display_id=number)
        return queryset

    @extend_schema(request=ProposalSerializer, responses={200: DraftSerializer, 201: DraftSerializer})
    def create(self, request: Request) -> Response:
        """Propose a reply. 201: created. 200: the same draft exists. 409: stale. The author comes from the token."""
        serializer = ProposalSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        proposal = serializer.validated_data
        message = _message(access.person(request), proposal)
        service = access.is_service(request)
        draft, created = _verb(
            decisions.propose, message, text=proposal["body"], author=request.user.get_username(), now=clock.now(),
            kind=Draft.AuthorKind.SERVICE if service else Draft.AuthorKind.PERSON, evidence=parsing.clean(proposal["evidence"]),
            confidence=proposal["confidence"], by=request.user,
        )  # fmt: skip
        return Response(self.get_serializer(draft).data, status=201 if created else 200)

    @extend_schema(request=DecisionSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        """Approve and send. `then`: "resolved" or "pending" sets this status in Chatwoot after the reply is sent.
        `newest_message_id`: the newest customer message that was read; 409 `stale` if there is a newer one.
        `recipients`: as the draft's row shows them; 409 `recipients_changed` if they have changed since.

        409 `second_person_required`: a risk rule requires a person who has not written, edited or approved the draft.
        """
        draft, decision = self._deciding(request)
        return self._done(
            draft, decisions.approve, by=request.user, revision=decision["revision"], grades=_grades(decision),
            text=decision.get("text"), note=decision["note"], then=decision["then"], seen=decision.get("newest_message_id"),
            named=decision.get("recipients"), of_any_author=True,
        )  # fmt: skip

    @extend_schema(request=DecisionSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str | None = None) -> Response:
        draft, decision = self._deciding(request)
        reason = decision["reason"] or decision["note"] or ""
        return self._done(
            draft,
            decisions.reject,
            by=request.user,
            revision=decision["revision"],
            grades=_grades(decision),
            reason=reason,
            no_article=decision["no_article"],
            of_any_author=True,
        )

    @extend_schema(request=EscalationSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def escalate(self, request: Request, pk: str | None = None) -> Response:
        draft = self._person(request)
        serializer = EscalationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        escalation = serializer.validated_data
        name = escalation.get("owner")
        return self._done(
            draft,
            decisions.escalate,
            by=request.user,
            reason=escalation["reason"],
            owner=name and _verb(escalations.owner_named, draft.conversation, name),
            level=escalation["level"],
            kind=escalation["kind"],
        )

    @extend_schema(request=None, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        return self._done(self._person(request), decisions.undo, by=request.user)

    @extend_schema(request=ClaimSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str | None = None) -> Response:
        """Claim the draft for ten minutes. `take_over`: also if another person has it, with a `reason`."""
        serializer = ClaimSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._done(
            self._person(request), decisions.claim, by=request.user, **serializer.validated_data
        )

    @extend_schema(request=None, responses={201: DraftSerializer})
    @action(detail=True, methods=["post"], url_path="carry-over")
    def carry_over(self, request: Request, pk: str | None = None) -> Response:
        fresh = _verb(decisions.carry_over, self._person(request), by=request.user, now=clock.now())
        return Response(self.get_serializer(fresh).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str | None = None) -> Response:
        return self._done(self._person(request), decisions.resend, by=request.user)

    @extend_schema(request=None, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def arrived(self, request: Request, pk: str | None = None) -> Response:
        return self._done(self._person(request), decisions.arrived, by=request.user)

    @extend_schema(request=None, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        return self._done(self._person(request), decisions.close, by=request.user)

    def _person(self, request: Request) -> Draft:
        """The draft to decide about. Programs with a service token do not come here (access.SERVICE_SCOPES)."""
        return self.get_object()

    def _deciding(self, request: Request) -> tuple[Draft, dict[str, Any]]:
        draft = self._person(request)
        serializer = DecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return draft, serializer.validated_data

    def _done(self, draft: Draft, verb: Any, **arguments: Any) -> Response:
        _verb(verb, draft, now=clock.now(), **arguments)
        return Response(self.get_serializer(self.get_queryset().get(pk=draft.pk)).data)


def _verb(verb: Any, *subject: Any, **arguments: Any) -> Any:
    """Turns a verb's refusal into a response: 400 for input, 403 for rights, 409 for a lost race."""
    try:
        return verb(*subject, **arguments)
    except decisions.Refused as error:
        code = STATUS_OF.get(error.code, 409)
        if code == 403:
            raise PermissionDenied(error.detail, error.code) from error
        if code == 400:
            raise ValidationError(error.detail, error.code) from error
        raise Conflict(error.code, error.detail) from error


def _grades(decision: dict[str, Any]) -> decisions.Grades:
    return {name: decision.get(name) for name in decisions.GRADES}


def _message(user: User, proposal: dict[str, Any]) -> Message:
    """The message that a proposal answers: the one it names, or the one that is waiting."""
    found = Conversation.objects.filter(
        access.in_inboxes_of(user, path="inbox"), display_id=proposal["conversation_id"]
    )
    if proposal.get("source"):
        found = found.filter(source__slug=proposal["source"])
    rows = list(found.select_related("source", "waiting_message")[:2])
    if not rows:
        raise NotFound(f"Conversation {proposal['conversation_id']} was not found.")
    if len(rows) > 1:
        raise ValidationError({"source": "Several sources have this conversation number. Give the source."})
    named = proposal.get("in_reply_to_message_id")
    message = (
        rows[0].messages.filter(message_id=named).first() if named is not None else rows[0].waiting_message
    )
    if message is None:
        if named is None:
            raise Conflict("stale", "This conversation is not waiting for a reply.")
        raise NotFound(f"Message {named} was not found in this conversation.")
    return message
