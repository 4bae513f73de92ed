"""The content security policy: pages may run what the site itself serves; API, webhook and health answers nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Alpine, which the admin theme bundles, needs unsafe-eval; its inline styles need unsafe-inline.
PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
NOTHING = "default-src 'none'; frame-ancestors 'none'"
MACHINES = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")
API_DOCS = "/api/v1/docs/"


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = self._policy(request.path)
        return response

    def _policy(self, path: str) -> str:
        if path == API_DOCS:  # Swagger UI starts with an inline script
            return PAGES.replace("'unsafe-eval'", "'unsafe-inline'")
        return NOTHING if path.startswith(MACHINES) else PAGES
