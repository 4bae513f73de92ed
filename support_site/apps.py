from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SupportSiteConfig(AppConfig):
    name = "support_site"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)


class SupportSiteAdminConfig(AdminConfig):
    default_site = "support_site.admin_site.AdminSite"
