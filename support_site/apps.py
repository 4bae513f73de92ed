from django.apps import AppConfig


class SupportSiteConfig(AppConfig):
    name = "support_site"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)
