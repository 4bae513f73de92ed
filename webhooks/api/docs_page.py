"""The API's description, and the page that shows it. Everything else that is asked of them is answered in JSON."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


class _RefusesInJson:
    http_method_names = ("get", "head")
    request: Request

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), "application/json"
        answer: Response = super().handle_exception(exc)  # type: ignore[misc]
        return answer


class ApiDocs(_RefusesInJson, SpectacularSwaggerSplitView):
    pass


class ApiSchema(_RefusesInJson, SpectacularAPIView):
    pass
