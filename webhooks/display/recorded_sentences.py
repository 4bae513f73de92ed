"""What this app records in English and pages show in their reader's language: errors, notes of attempts, alerts.

tests/test_recorded_sentences.py finds a sentence that the code writes and that is not here.
"""

from django.utils.translation import gettext_noop as _

from .kept_texts import KeptTexts
from .recorded import FACTS

SENTENCES = KeptTexts(
    # Calls to Chatwoot.
    _("Conversation %(number)s has over %(n)s messages after %(message)s."),
    _("Chatwoot's answer at %(path)s is over %(n)s MiB."),
    _("Chatwoot could not be read: %(name)s."),
    _("Chatwoot took over %(n)s s to answer."),
    _("Chatwoot answered %(status)s."),
    _("Chatwoot answered %(status)s at %(path)s."),
    _("Chatwoot's answer is not JSON. Is there a proxy in front?"),
    _("The answer was lost: %(name)s."),
    _("Chatwoot could not be reached: %(name)s."),
    _("No answer within %(n)s s."),
    _("Chatwoot asks to slow down."),
    _("Chatwoot answered %(status)s; the request may have taken effect anyway."),
    _(
        "Chatwoot, or the proxy in front of it, refuses a message of this size. Raise its "
        "limit, or remove files."
    ),
    _("Chatwoot's answer cannot be read."),
    _("Chatwoot answered without a message id."),
    _("Chatwoot's answer has an unexpected format. Is this Chatwoot's address?"),
    _("Chatwoot's answer has an unexpected format (%(name)s)."),
    _("Chatwoot's answer is not a list."),
    # Calls to other addresses.
    _("%(host)s did not answer within %(n)s s; the request may have taken effect anyway."),
    _("%(host)s could not be reached: %(name)s."),
    _("The answer from %(host)s was lost: %(name)s."),
    _("%(host)s answered %(status)s."),
    _("The email could not be sent: %(name)s."),
    _("%(host)s is an address of an internal network: if it is meant, list the host in PRIVATE_HOSTS."),
    _(
        "%(host)s is %(address)s, an address of an internal network: if it is meant, list the "
        "host in PRIVATE_HOSTS."
    ),
    _("This is not a URL: write https://host/path."),
    _("Only http and https URLs can be called: write https://host/path."),
    _("The URL must not contain a user name or a password."),
    _("The URL must not contain spaces."),
    _("%(host)s cannot be resolved to an address."),
    _("The page did not arrive within %(n)s s."),
    _("The page is over %(n)s MiB."),
    _("The page could not be read: %(name)s."),
    _("The page redirects more than %(n)s times."),
    _("The page answered %(status)s."),
    _("This is not a web page but %(kind)s."),
    _("%(host)s must use https: anyone who sees the URL can post there."),
    # Deliveries.
    _("The source is %(mode)s."),
    _("%(source)s was connected to %(address)s before. Confirm on its page that this is the same Chatwoot."),
    _("The source is active again: its events are handled here."),
    _("No handler for %(event)s."),
    _("%(why)s The next attempt would be too late."),
    _(
        "account.id is %(named)s, but this source is account %(account)s: another account's webhook posts here."
    ),
    _("%(upstream)s: circuit open after %(n)s failures in a row."),
    _("The worker died or did not return."),
    _("The worker died at every attempt."),
    _("%(error)s Recording the failure failed and will be retried: %(why)s"),
    _("The body is nested too deeply."),
    _("The body is not JSON: %(name)s."),
    _("The body is JSON, but not an object."),
    _("Not a message as Chatwoot sends them: %(name)s."),
    _("The event names no conversation."),
    # Sources and their modes.
    _(
        "%(source)s was in legacy mode after this was approved: the previous handler may have "
        "answered. Look in Chatwoot."
    ),
    _("Not processed: %(source)s was resumed and its held events were discarded. %(reason)s"),
    _("A worker died while forwarding this event: it may have arrived."),
    _("%(source)s has no previous handler."),
    _("Older than %(n)s s: a person may have answered, and the previous handler must not answer again."),
    _("%(gone)s: there is nothing left to forward."),
    _("Restored from a backup. The previous handler may have received it since."),
    # Notices.
    _("The alert was resolved before the notification was sent."),
    _("Its rule no longer uses this channel."),
    _("These are quiet hours."),
    _("Nobody has an email address: shown on the dashboard only."),
    _("The notice was read before the email was sent."),
    _("This person has no email address: the notice is shown on the dashboard only."),
    _("All of it was settled before the digest was sent."),
    _("This person no longer receives these notices on this channel."),
    # Alerts.
    _("Deliveries are late: the oldest in lane %(lane)s has waited for %(span)s."),
    _("1 delivery failed for good within an hour."),
    _("%(n)s deliveries failed for good within an hour."),
    _("1 approved reply is held, the oldest for %(span)s."),
    _("%(n)s approved replies are held, the oldest for %(span)s."),
    _("%(upstream)s: circuit open after %(n)s failures in a row. Its deliveries wait. Last error: %(error)s"),
    _("The workers on %(host)s have sent no heartbeat since %(at)s UTC."),
    _("No workers are running: webhooks are received, but nothing is processed or sent. Start the workers."),
    _("The clock of %(host)s is %(span)s ahead of the database's."),
    _("The clock of %(host)s is %(span)s behind the database's."),
    _("Chatwoot's clock (%(source)s) is %(span)s ahead of this site's."),
    _("Chatwoot's clock (%(source)s) is %(span)s behind this site's."),
    _("%(host)s: %(clause)s, although the database answers."),
    _("%(stored)s, and %(set_aside)s"),
    _("1 webhook has been stored on its disk for %(span)s"),
    _("%(n)s webhooks have been stored on its disk for %(span)s"),
    _("1 webhook has been set aside there as unreadable (SPOOL_DIR/bad)"),
    _("%(n)s webhooks have been set aside there as unreadable (SPOOL_DIR/bad)"),
    _("%(clause)s: 1 webhook was stored on disk and imported later."),
    _("%(clause)s: %(n)s webhooks were stored on disk and imported later."),
    _("The database was down"),
    _("The receiver failed (webhook.failed in its log)"),
    _("A signing secret could not be read (ENCRYPTION_KEYS)"),
    _("%(n)s still waiting."),
    _(
        "1 webhook on the disk cannot be stored: see spool.stuck in the log, and whether "
        "ENCRYPTION_KEYS holds every key."
    ),
    _(
        "%(n)s webhooks on the disk cannot be stored: see spool.stuck in the log, and whether "
        "ENCRYPTION_KEYS holds every key."
    ),
    _("%(source)s: 1 event with a timestamp %(apart)s off was stored: check both clocks."),
    _("%(source)s: %(n)s events with a timestamp %(apart)s off were stored: check both clocks."),
    _(
        "The webhook of %(source)s was changed in Chatwoot: %(clause)s. Connect the source "
        "again with “register”; missed events are then recovered."
    ),
    _("webhook %(number)s no longer exists"),
    _("its URL is %(url)s"),
    _("its URL is %(url)s, and it does not send %(events)s"),
    _("it does not send %(events)s"),
    _(
        "Chatwoot refuses the token of %(source)s, so replies wait. Connect the source again with a new token."
    ),
    _("%(source)s: 1 event since %(at)s UTC had a signature that matches no stored secret. %(clause)s."),
    _("%(source)s: %(n)s events since %(at)s UTC had a signature that matches no stored secret. %(clause)s."),
    _("Chatwoot's webhook has the stored secret: another webhook may post here, or a proxy changes the body"),
    _("The webhook's secret could not be read from Chatwoot: %(error)s"),
    _("Chatwoot has no webhook for %(url)s: connect again with “register”."),
    _("Chatwoot does not show its webhook's secret: add it by hand."),
    _("%(base_url)s could not be reached: %(error)s"),
    _("Chatwoot refuses this token: connect again with a new one."),
    _("No webhooks from %(name)s for %(span)s of its business hours (alert after %(limit)s)."),
    _("Workers on %(host)s keep restarting: %(restarts)s. See their log."),
    _("lane %(lane)s exited unexpectedly (%(code)s)"),
    _("lane %(lane)s stalled with rows due for %(n)s s"),
    # Reconciliation.
    _("%(source)s: missed events since %(day)s, %(at)s UTC cannot be read. %(error)s"),
    _("Chatwoot refuses the token. Connect the source again with a new one."),
    _("%(source)s: %(missed)s"),
    _("1 event was missed %(when)s, and recovered."),
    _("%(n)s events were missed %(when)s, all recovered."),
    _("1 event was missed %(when)s, recovered; %(clause)s."),
    _("%(n)s events were missed %(when)s, recovered; %(clause)s."),
    _("1 conversation could not be read"),
    _("%(n)s conversations could not be read"),
    _("1 conversation was deleted in Chatwoot."),
    _("%(n)s conversations were deleted in Chatwoot."),
    _("at %(start)s UTC on %(day)s"),
    _("between %(start)s and %(end)s UTC on %(day)s"),
    _("between %(day)s, %(start)s and %(last_day)s, %(end)s UTC"),
    # Erased data.
    _("(erased)"),
    facts=FACTS,
)
