"""What a person sets for themselves."""

from django.conf import settings
from django.db import models


class Profile(models.Model):
    """No row: the site's own settings hold."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty: the site's own")

    def __str__(self) -> str:
        return str(self.user)
