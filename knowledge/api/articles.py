"""Articles and the search over the approved ones, for programs at /api/v1/articles/."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from webhooks.accounts import access
from webhooks.api.described import Described, rows_of

from ..articles import search
from ..models import Article


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


class ArticleHitSerializer(ArticleSerializer):
    score = serializers.FloatField()

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "score"]


class ArticleViewSet(Described, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    permission_classes = [access.has_right("articles")]
    serializer_class = ArticleSerializer
    queryset = Article.objects.all()
    params = {"search": (OpenApiParameter("q", required=True, description="What to search for"),)}

    @extend_schema(responses=rows_of(ArticleHitSerializer))
    @action(detail=False, pagination_class=None)
    def search(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()
        if not query:
            raise ValidationError({"q": "Give a search text: ?q=refund"})
        hits = search.search(query, list(Article.objects.filter(approved=True)), limit=10)
        rows = [ArticleSerializer(hit.article).data | {"score": hit.score} for hit in hits]
        return Response({"next": None, "results": rows})
