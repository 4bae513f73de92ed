"""/api/v1/knowledge-changes/: proposed changes of articles, and people's decisions. The verbs are in articles/changes.py."""

import contextlib
from collections.abc import Iterator
from typing import Any, TypedDict

from django.db.models import Prefetch
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts import access
from webhooks.api.conventions import Conflict, param_choice, param_number
from webhooks.api.described import Described
from webhooks.database import clock
from webhooks.models import Inbox

from ..articles import changes, evidence, fields
from ..models import Article, Change
from . import effects

STATUS_OF = {"reason_required": 400, "forbidden": 403}


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """A verb's refusal as a response: 400 for input, 403 for rights, 409 for a conflict."""
    try:
        yield
    except fields.Invalid as error:
        raise ValidationError(error.problems) from error
    except changes.Refused as error:
        code = STATUS_OF.get(error.code, 409)
        if code == 403:
            raise PermissionDenied(error.detail, error.code) from error
        if code == 400:
            raise ValidationError({"reason": [error.detail]}, error.code) from error
        raise Conflict(error.code, error.detail) from error


class EvidenceRow(TypedDict):
    signal: int | None
    what: str
    at: str
    source: str
    conversation_id: int
    reviewer: str | None


class ProbeCounts(serializers.Serializer):
    stay = serializers.IntegerField()
    failing = serializers.IntegerField(help_text="Not right before, and not with the change")
    gained = serializers.ListField(child=serializers.IntegerField())
    lost = serializers.ListField(child=serializers.IntegerField())
    at = serializers.DateTimeField()


def probe_counts(change: Change) -> dict[str, Any] | None:
    found = change.probe_result
    if found is None:
        return None
    keys = {name: [key for key, _ in found[name]] for name in ("gained", "lost")}
    return {"stay": found["stay"], "failing": found["failing"], **keys, "at": found["at"]}


class ChangeSerializer(serializers.ModelSerializer):
    slug = serializers.CharField(source="article.slug", read_only=True)
    proposed = serializers.SerializerMethodField()
    made_by = serializers.CharField(source="made_by.username", default=None, allow_null=True, read_only=True)
    decided_by = serializers.CharField(
        source="decided_by.username", default=None, allow_null=True, read_only=True
    )
    evidence = serializers.SerializerMethodField()
    version = serializers.IntegerField(
        source="became.number", default=None, allow_null=True, read_only=True, help_text="What it became"
    )

    probes = serializers.SerializerMethodField(
        help_text="Measured: how many stay, and the ids of those gained and lost; null while it is being measured"
    )

    class Meta:
        model = Change
        read_only_fields = ["merges"]
        fields = [
            "id", "kind", "origin", "article", "slug", "base_version", "proposed", "status", "customers", "people", "evidence",
            "second_person", "made_by", "note", "created_at", "decided_at", "decided_by", "reason", "version", "merges", "probes",
        ]  # fmt: skip

    def get_evidence(self, change: Change) -> list[EvidenceRow]:
        """The decisions that the reader may see, newest first."""
        return [
            {
                "signal": row.signal_id, "what": row.what, "at": row.at.isoformat().replace("+00:00", "Z"),
                "source": row.signal.conversation.source.slug, "conversation_id": row.signal.conversation.display_id,
                "reviewer": row.reviewer.get_username() if row.reviewer else None,
            }
            for row in getattr(change, "shown", ())
            if row.signal
        ]  # fmt: skip

    @extend_schema_field(ProbeCounts(allow_null=True))
    def get_probes(self, change: Change) -> dict[str, Any] | None:
        return probe_counts(change)

    def get_proposed(self, change: Change) -> dict[str, Any]:
        if not change.proposed.get("inboxes"):
            return change.proposed
        numbers = Inbox.objects.filter(pk__in=change.proposed["inboxes"]).values_list("inbox_id", flat=True)
        return change.proposed | {"inboxes": sorted(numbers)}


class ChangeDetailSerializer(ChangeSerializer):
    """One change, with what it did."""

    effect = serializers.SerializerMethodField(
        help_text="Null before the approval, for a change that changed no text, and without the right to read learning signals"
    )

    class Meta(ChangeSerializer.Meta):
        fields = [*ChangeSerializer.Meta.fields, "effect"]

    @extend_schema_field(effects.EffectSerializer(allow_null=True))
    def get_effect(self, change: Change) -> dict[str, Any] | None:
        return effects.of_change(change, access.person(self.context["request"]))


class ApprovalSerializer(serializers.Serializer):
    base_version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, default="", help_text="Required if a probe is lost"
    )


class DismissalSerializer(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class RollBackSerializer(serializers.Serializer):
    approve = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


ROLLED_BACK = inline_serializer(
    "RollBackMade",
    {"change": serializers.IntegerField(), "status": serializers.ChoiceField(Change.Status.choices)},
)
FILTERS = (
    OpenApiParameter("status", enum=["", *Change.Status.values]),
    OpenApiParameter("kind", enum=["", *Change.Kind.values]),
    OpenApiParameter("origin", enum=["", *Change.Origin.values]),
    OpenApiParameter("article", {"type": "integer", "minimum": 0}, description="The article's id"),
)
CHOICES = {"status": Change.Status.values, "kind": Change.Kind.values, "origin": Change.Origin.values}
SEARCH = ("being_measured", "pinned_probe_lost")
DECIDED = ("already_decided", "version_changed", "second_person_required", "unwritten", *SEARCH)


class ChangeViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    serializer_class = ChangeSerializer
    queryset = Change.objects.select_related("article", "made_by", "decided_by", "became")
    params = {"list": FILTERS}
    conflicts = {
        "approve": DECIDED, "dismiss": ("already_decided",), "roll_back": (*DECIDED, "not_approved", "unchanged"),
    }  # fmt: skip
    refusals = dict.fromkeys(("approve", "dismiss", "roll_back"), ("reason_required",))

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return ChangeDetailSerializer if self.action == "retrieve" else ChangeSerializer

    def get_permissions(self) -> list[BasePermission]:
        return [access.has_right("articles" if self.action in ("list", "retrieve") else "edit_articles")()]

    def get_queryset(self) -> Any:
        user = access.person(self.request)
        theirs = Article.objects.visible_to(user)
        shown = Prefetch("evidence", evidence.visible_rows(user), to_attr="shown")
        return super().get_queryset().filter(article__in=theirs).prefetch_related(shown)

    def filter_queryset(self, queryset: Any) -> Any:
        query = self.request.query_params
        wanted: dict[str, Any] = {
            name: param_choice(name, query[name], values)
            for name, values in CHOICES.items()
            if query.get(name)
        }
        if query.get("article"):
            wanted["article"] = param_number("article", query["article"])
        return queryset.filter(**wanted)

    @extend_schema(request=ApprovalSerializer, responses=ChangeSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        """Publish it. `base_version`: the article's newest version that you read; 409 `version_changed` if it has moved on.

        A change that loses probes (`probes.lost`) needs a `reason`; one that loses a pinned probe is refused.
        """
        change = self.get_object()
        said = _said(ApprovalSerializer, request)
        with refusing():
            changes.approve(
                change, by=access.person(request), base_version=said["base_version"], now=clock.now(), reason=said["reason"]
            )  # fmt: skip
        return Response(self.get_serializer(self.get_queryset().get(pk=change.pk)).data)

    @extend_schema(request=DismissalSerializer, responses=ChangeSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        change = self.get_object()
        said = _said(DismissalSerializer, request)
        with refusing():
            changes.dismiss(change, by=access.person(request), reason=said["reason"], now=clock.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=change.pk)).data)

    @extend_schema(request=RollBackSerializer, responses={200: ROLLED_BACK, 202: ROLLED_BACK})
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, pk: str | None = None) -> Response:
        """A new change that restores what stood before this approved one. `approve`: publish it at once."""
        change = self.get_object()
        said, by, now = _said(RollBackSerializer, request), access.person(request), clock.now()
        with refusing():
            fresh = changes.undo(change, by=by, now=now, approved=said["approve"], reason=said["reason"])
        done = fresh.status == Change.Status.APPROVED
        return Response({"change": fresh.pk, "status": fresh.status}, status=200 if done else 202)


def _said(serializer: type[serializers.Serializer], request: Request) -> Any:
    found = serializer(data=request.data)
    found.is_valid(raise_exception=True)
    return found.validated_data
