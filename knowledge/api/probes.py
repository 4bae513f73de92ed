"""/api/v1/probes/: questions with the article that search must find. Programs read; Leads and Managers add."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts import access
from webhooks.api.conventions import param_choice, param_text
from webhooks.api.described import Described
from webhooks.database import clock

from ..models import Article, Probe
from ..search import probes

EXPECTED = "The slug of the right article; null: no article answers the question"


class ProbeSerializer(serializers.ModelSerializer):
    expected = serializers.CharField(
        source="expected.slug", default=None, allow_null=True, read_only=True, help_text=EXPECTED
    )

    class Meta:
        model = Probe
        fields = ["id", "question", "language", "expected", "pinned", "last_rank", "last_confidence"]


class NewProbe(serializers.Serializer):
    question = serializers.CharField(
        max_length=probes.MOST_QUESTION, help_text="Names, addresses and numbers are masked"
    )
    expected = serializers.CharField(max_length=100, allow_null=True, help_text=EXPECTED)
    pinned = serializers.BooleanField(
        required=False, default=False, help_text="A change that loses it cannot be approved"
    )


class ProbeViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    serializer_class = ProbeSerializer
    queryset = Probe.objects.select_related("expected")
    proposes = ()  # a probe can stop an approval, so only people add one
    params = {
        "list": (
            OpenApiParameter("expected", description="The slug of the right article, or none"),
            OpenApiParameter("pinned", enum=["", "true", "false"]),
        )
    }

    def get_permissions(self) -> list[BasePermission]:
        return [access.has_right("articles" if self.action in ("list", "retrieve") else "edit_articles")()]

    def get_queryset(self) -> Any:
        return Probe.objects.visible_to(access.person(self.request)).select_related("expected")

    def filter_queryset(self, queryset: Any) -> Any:
        query = self.request.query_params
        wanted: dict[str, Any] = {}
        if slug := query.get("expected"):
            slug = param_text("expected", slug)
            wanted = {"expected": None} if slug == probes.NO_ARTICLE else {"expected__slug": slug}
        if query.get("pinned"):
            wanted["pinned"] = param_choice("pinned", query["pinned"], ["TRUE", "FALSE"]) == "TRUE"
        return queryset.filter(**wanted)

    @extend_schema(request=NewProbe, responses={200: ProbeSerializer, 201: ProbeSerializer})
    def create(self, request: Request) -> Response:
        """Save a question with its right article. 200: the same question was saved before; its answer is replaced.

        Leads and Managers only: service tokens get 403, as for publishing.
        """
        given = NewProbe(data=request.data)
        given.is_valid(raise_exception=True)
        said, user = given.validated_data, access.person(request)
        before = Probe.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        probe = probes.save(
            said["question"], expected=_article(said["expected"], user), by=user, now=clock.now(), pinned=said["pinned"]
        )  # fmt: skip
        return Response(self.get_serializer(probe).data, status=201 if probe.pk > before else 200)


def _article(slug: str | None, user: Any) -> Article | None:
    if slug is None:
        return None
    found = Article.objects.visible_to(user).live().filter(slug=slug).first()
    if found is None:
        raise ValidationError(
            {"expected": f"There is no live article {slug}. Use null if no article answers."}
        )
    return found
