"""The site with everything that a setting adds: the demo's pages and single sign-on."""

from django.urls import include, path

from support_site.urls import handler400, handler500, urlpatterns

__all__ = ["handler400", "handler500", "urlpatterns"]

urlpatterns = [
    path("admin/demo/", include("support_site.demo.urls")),
    path("admin/sign-in/", include("webhooks.accounts.single_sign_on_urls")),
    *urlpatterns,
]
