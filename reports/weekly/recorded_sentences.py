"""What this app records in English and pages show in their reader's language: errors, notes, alerts.

tests/test_recorded_sentences.py finds a sentence that the code writes and that is not here.
"""

from django.utils.translation import gettext_noop as _

from webhooks.display.kept_texts import KeptTexts
from webhooks.display.recorded import FACTS

SENTENCES = KeptTexts(
    _("The report for week %(week)s could not be created: %(name)s."),
    _("The report for week %(week)s did not reach %(recipient)s: %(error)s"),
    _("This recipient no longer receives the report."),
    _("1 customer waits past the promised time."),
    _("%(n)s customers wait past the promised time."),
    _("All of it was answered before the digest was sent."),
    _("This person has no email address, so only the dashboard shows it."),
    facts=FACTS,
)
