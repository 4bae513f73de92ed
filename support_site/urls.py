"""Every URL of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from rest_framework.routers import DefaultRouter

from knowledge.admin import inside
from knowledge.api.articles import ArticleViewSet
from knowledge.api.calendars import CalendarViewSet
from knowledge.api.drafts import DraftViewSet
from knowledge.api.knowledge_changes import ChangeViewSet
from knowledge.api.knowledge_gaps import GapViewSet
from knowledge.api.learning_signals import LearningSignalViewSet
from knowledge.api.probes import ProbeViewSet
from knowledge.api.queue import QueueView
from reports.api.sla import ConversationClocksView, SLAReportView, SLARowsView
from reports.api.sla_policies import SLAPolicyViewSet
from reports.api.weekly_report import WeeklyReportView
from webhooks.admin.invitations import ChoosePassword
from webhooks.api.conventions import unknown_path
from webhooks.api.deliveries import DeliveryViewSet, RetryPolicyViewSet
from webhooks.api.docs_page import ApiDocs, ApiSchema
from webhooks.receiver.views import receive

from .admin import settings_page
from .documents import serve
from .health import endpoints, page
from .health.metrics import metrics

router = DefaultRouter()
router.include_root_view = False
router.include_format_suffixes = False  # JSON is the only format
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("retry-policies", RetryPolicyViewSet, basename="retry-policy")
router.register("drafts", DraftViewSet, basename="draft")
router.register("calendars", CalendarViewSet, basename="calendar")
router.register("sla-policies", SLAPolicyViewSet, basename="sla-policy")
router.register("articles", ArticleViewSet, basename="article")
router.register("knowledge-changes", ChangeViewSet, basename="knowledge-change")
router.register("knowledge-gaps", GapViewSet, basename="knowledge-gap")
router.register("probes", ProbeViewSet, basename="probe")
router.register("learning-signals", LearningSignalViewSet, basename="learning-signal")

urlpatterns = [
    path("webhooks/chatwoot/<str:slug>/", receive, name="receive"),
    path("webhooks/chatwoot/<str:slug>/<str:token>/", receive, name="receive-unsigned"),
    # Without these, Django would redirect to the slash, and Chatwoot drops an event that is answered with a redirect.
    path("webhooks/chatwoot/<str:slug>", receive),
    path("webhooks/chatwoot/<str:slug>/<str:token>", receive),
    path("healthz", endpoints.healthz),
    path("readyz", endpoints.readyz),
    path("healthz/workers", endpoints.workers),
    path("metrics", metrics),
    path("api/v1/", include(router.urls)),
    path("api/v1/queue/", QueueView.as_view(), name="queue"),
    path("api/v1/conversations/<int:display_id>/clocks/", ConversationClocksView.as_view(), name="clocks"),
    path("api/v1/reports/sla/", SLAReportView.as_view(), name="sla-report"),
    path("api/v1/reports/sla/rows/", SLARowsView.as_view(), name="sla-report-rows"),
    path("api/v1/reports/weekly/<str:week>/", WeeklyReportView.as_view(), name="weekly-report"),
    path("api/v1/schema/", ApiSchema.as_view(), name="schema"),
    path("api/v1/docs/", ApiDocs.as_view(url_name="schema"), name="api-docs"),
    path("api/", unknown_path),
    path("api/<path:unknown>", unknown_path),
    re_path("^api/", unknown_path),  # with a line break in it
    path("admin/docs/<path:name>", admin.site.admin_view(serve.show), name="docs"),
    path("admin/invitation/<uidb64>/<token>/", ChoosePassword.as_view(), name="invitation"),
    *(
        [path("admin/sign-in/", include("webhooks.accounts.single_sign_on_urls"))]
        if settings.OIDC_ISSUER
        else []
    ),
    path("admin/inside/<slug:slug>/", include(inside.urls())),
    path("admin/health/", admin.site.admin_view(page.show), name="health_overview"),
    path("admin/settings/", admin.site.admin_view(settings_page.show), name="settings"),
    # The admin's own lists of tables, app by app: the groups of the sidebar are where people look.
    re_path("^admin/(?:auth|webhooks|knowledge|reports)/$", RedirectView.as_view(pattern_name="admin:index")),
    *([path("admin/demo/", include("support_site.demo.urls"))] if settings.DEMO else []),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]

handler400 = "webhooks.api.conventions.bad_request"
handler500 = "webhooks.api.conventions.server_error"
