"""Articles and the search over the approved ones, for programs at /api/v1/articles/."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts import access
from webhooks.api.described import Described, rows_of

from ..models import Article
from ..search import search

MOST_HITS = 50


class ArticleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Article
        fields = [
            "id",
            "slug",
            "language",
            "title",
            "question",
            "body",
            "keywords",
            "approved",
            "version",
            "updated_at",
        ]


class PartsSerializer(serializers.Serializer):
    meaning = serializers.FloatField(allow_null=True, help_text="Cosine; null if search goes by words alone")
    words = serializers.FloatField(help_text="BM25")
    cover = serializers.FloatField(
        help_text="Share of the question's words, by how rare they are, from 0 to 1"
    )
    other_language = serializers.BooleanField()


class ArticleHitSerializer(ArticleSerializer):
    score = serializers.FloatField()
    confidence = serializers.FloatField(help_text="How probable it is that the article answers, from 0 to 1")
    parts = PartsSerializer()

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "score", "confidence", "parts"]


class ArticleViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    permission_classes = [access.has_right("articles")]
    serializer_class = ArticleSerializer
    queryset = Article.objects.all()
    params = {
        "search": (
            OpenApiParameter("q", required=True, description="The question"),
            OpenApiParameter("language", description="Its language, such as de. Default: it is detected"),
            OpenApiParameter("limit", int, description=f"How many articles, up to {MOST_HITS}. Default: 10"),
        )
    }

    @extend_schema(responses=rows_of(ArticleHitSerializer))
    @action(detail=False, pagination_class=None)
    def search(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()
        if not query:
            raise ValidationError({"q": "Give a search text: ?q=refund"})
        result = search.search(
            query,
            limit=_limit(request.query_params.get("limit", "10")),
            language=request.query_params.get("language", "").strip(),
        )
        rows = search.rows_of(result.answers)
        found = [
            ArticleSerializer(rows[one.live.pk]).data | _scores(one)
            for one in result.answers
            if one.live.pk in rows
        ]
        return Response({"next": None, "results": found})


def _scores(answer: search.Answer) -> dict[str, Any]:
    return {
        "score": round(answer.hit.score, 4),
        "confidence": round(answer.confidence, 4),
        "parts": answer.parts,
    }


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_HITS:
        raise ValidationError({"limit": f"Give a number from 1 to {MOST_HITS}"})
    return int(text)
