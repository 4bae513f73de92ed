"""Why Chatwoot could not be read, each sentence once. Kept in English, as everything that an attempt says. Pure."""

from django.utils.translation import gettext_noop as _

TOO_LARGE = _("Chatwoot's answer at %(path)s is over %(n)s MiB.")
UNREADABLE = _("Chatwoot could not be read: %(error)s.")
LATE = _("Chatwoot took over %(n)s s to answer.")
ANSWERED = _("Chatwoot answered %(n)s.")
REFUSED = _("Chatwoot answered %(n)s at %(path)s.")
NOT_JSON = _("Chatwoot's answer is not JSON. Is there a proxy in front?")
NOT_CHATWOOT = _("Chatwoot's answer has an unexpected format. Is this Chatwoot's address?")
NO_LIST = _("Chatwoot's answer is not a list.")
SENTENCES = (TOO_LARGE, UNREADABLE, LATE, ANSWERED, REFUSED, NOT_JSON, NOT_CHATWOOT, NO_LIST)
