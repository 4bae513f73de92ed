from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SupportSiteConfig(AppConfig):
    name = "support_site"

    def ready(self) -> None:
        from .configuration import checks  # noqa: F401  (registers the system checks)


class SupportSiteAdminConfig(AdminConfig):
    default_site = "support_site.admin.site.AdminSite"
