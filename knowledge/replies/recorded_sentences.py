"""What this app records in English and pages show in their reader's language: why a draft ended, errors, notes, alerts.

tests/test_recorded_sentences.py finds a sentence that the code writes and that is not here.
"""

from datetime import datetime

from django.utils.translation import gettext_noop as _

from webhooks.display import conversation_status, formats
from webhooks.display.kept_texts import Fact, KeptTexts
from webhooks.display.recorded import FACTS

from ..models import Draft


def _state(text: str) -> str:
    """PARKED, in the middle of a sentence."""
    return str(Draft.Status(text).label).lower()


def _date(text: str) -> str:
    """2 Nov 2026."""
    return formats.day(datetime.strptime(text, "%d %b %Y"))


DATE = r"\d{1,2} [A-Z][a-z]{2} \d{4}"
OWN_FACTS = {
    "state": Fact("|".join(Draft.Status.values), _state),
    "conversation": Fact("|".join(conversation_status.STATUSES), conversation_status.shown),
    "date": Fact(DATE, _date),
}
SENTENCES = KeptTexts(
    # Sending.
    _("The draft is %(state)s by now."),
    _("The draft is now %(state)s."),
    _("Chatwoot refuses the source's token."),
    _("Too old: due over %(n)s s ago, an old answer is not sent by itself."),
    _("The conversation belongs to another contact than the approved one."),
    _("It cannot be known whether this was sent: %(error)s"),
    _("Looked it up: %(error)s"),
    _("There is a public message by the same user without the marker: it may be this reply."),
    _("Not there yet."),
    _("Not there yet: the lost call may still arrive."),
    _("It is not in Chatwoot %(n)s s after the call, so it was not sent."),
    _("Absent in a complete read %(n)s s after the call."),
    _("The file %(name)s is not there any more as it was approved."),
    _(
        "Chatwoot rejected %(person)s's own token. Nothing is sent under another name. "
        "Replace or remove the token under “My Chatwoot token”, then send again."
    ),
    _("Chatwoot does not let the user of the connection use this conversation."),
    _("Chatwoot does not let %(person)s's own token use this conversation."),
    _("Chatwoot rejected the token of the connection."),
    _("Chatwoot refused the call, and the token's profile could not be read: %(error)s"),
    _("All sending is stopped."),
    _("The limit of 1 reply per hour is reached."),
    _("The limit of %(n)s replies per hour is reached."),
    _("The limit of 1 reply per hour to conversation %(number)s of %(source)s is reached."),
    _("The limit of %(n)s replies per hour to conversation %(number)s of %(source)s is reached."),
    _("%(why)s Further replies wait until a person releases them."),
    _("1 reply is parked. It is unknown whether it arrived."),
    _("%(n)s replies are parked. It is unknown whether they arrived."),
    _("The reply was closed."),
    _("The reply is sent again."),
    _("The reply arrived."),
    _("The reply is in Chatwoot."),
    # After sending.
    _("The note was already there."),
    _("The conversation was already assigned."),
    _("The conversation was already %(conversation)s."),
    _("The conversation was set to %(conversation)s in the meantime."),
    _("The customer wrote again: the conversation stays open."),
    _("The channel did not deliver the reply: the conversation stays open."),
    _("The customer was put back in the queue."),
    _("A reply is about to be sent: a note could take its recipients."),
    _("A reply was sent a moment ago: a note could take its recipients."),
    # What ends a draft.
    _("The customer wrote again."),
    _("Somebody answered in Chatwoot."),
    _("The conversation was resolved."),
    _("The conversation was deleted in Chatwoot."),
    _("A bot answers this conversation again."),
    _("The channel's reply window has closed."),
    _("The channel's reply window has closed. Only an approved WhatsApp template can be sent, in Chatwoot."),
    _("The customer edited what this answers."),
    _("The customer deleted what this answers."),
    _("The customer chose or filled in something since."),
    _("A voice message that this answers was transcribed since."),
    _("Replaced by its author."),
    _("Carried over to the newest message."),
    _("Marked as sent: found in Chatwoot."),
    _("The customer's data was erased."),
    # Drafting.
    _("The model did not answer within %(n)s s."),
    _("The model could not be reached: %(name)s."),
    _("The model's endpoint answered %(status)s."),
    _("The model's endpoint answered %(status)s: check DRAFTER_URL, DRAFTER_API_KEY and DRAFTER_MODEL."),
    _("The model's endpoint did not answer within %(n)s s."),
    _("The model's endpoint could not be reached: %(name)s."),
    _("The time for this draft is used up."),
    _("The request is too long for the model."),
    _("This form of the request was refused."),
    _("%(host)s took more than %(n)s s"),
    _("%(host)s answered %(status)s"),
    _("the package of EMBEDDER=%(kind)s is not installed (%(names)s)"),
    _("%(name)s of EMBEDDER=%(kind)s is damaged: install the package again"),
    # Customers who need no reply.
    _("No reply needed."),
    _("Resolved without a reply."),
    # Escalations.
    _("By rule: %(clause)s."),
    _("label %(label)s"),
    _("a missed SLA target"),
    # Alerts.
    _(
        "%(person)s deleted the risk rule “%(rule)s”. Drafts proposed before are still judged "
        "by the rule as it was."
    ),
    _(
        "%(person)s switched off the risk rule “%(rule)s”. Drafts proposed before are still "
        "judged by the rule as it was."
    ),
    _(
        "%(person)s loosened the risk rule “%(rule)s”. Drafts proposed before are still "
        "judged by the rule as it was."
    ),
    facts=FACTS | OWN_FACTS,
)
