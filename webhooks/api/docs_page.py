"""The page that shows the API's description. Everything else that is asked of its address is answered in JSON."""

from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class ApiDocs(SpectacularSwaggerSplitView):
    http_method_names = ("get", "head")

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), "application/json"
        answer: Response = super().handle_exception(exc)
        return answer
