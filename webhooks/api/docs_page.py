"""The API's description, and the page that shows it. Everything else that is asked of them is answered in JSON."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView


class _RefusesInJson(APIView):
    http_method_names = ["get", "head"]

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), "application/json"
        return super().handle_exception(exc)


class ApiDocs(_RefusesInJson, SpectacularSwaggerSplitView):
    pass


class ApiSchema(_RefusesInJson, SpectacularAPIView):
    pass
