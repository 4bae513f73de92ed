"""Sample articles of an invented shop, for the demo and for tests: ten topics in English and in German."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from ..models import Article, Change
from . import change_notes, changes


def seed_samples(*, by: User, now: datetime) -> None:
    """Through approved changes, as every article."""
    if Article.objects.exists():
        return
    with transaction.atomic():
        for row in ARTICLES:
            change = changes.propose(
                None,
                row,
                kind=Change.Kind.NEW,
                origin=Change.Origin.PERSON,
                by=by,
                now=now,
                note=change_notes.SAMPLE,
            )
            changes.approve(change, by=by, base_version=0, now=now)


def _article(slug: str, language: str, title: str, question: str, keywords: str, body: str) -> dict[str, str]:
    return {
        "slug": slug,
        "language": language,
        "title": title,
        "question": question,
        "keywords": keywords,
        "body": body,
    }


ARTICLES = [
    _article(
        "reset-password",
        "en",
        "Reset your password",
        "How do I reset my password?",
        "forgot password login sign in locked reset link expired",
        'You can set a new password at any time: choose "Forgot password" on the sign-in page and enter your email '
        "address. The link in the mail is valid for 30 minutes; asking again makes earlier links invalid. If no mail "
        "arrives, please look in your spam folder.",
    ),
    _article(
        "refund",
        "en",
        "Refunds",
        "Can I get a refund?",
        "refund refunded money back return returned send back",
        "You can return anything within 30 days. Please send us your order number; once the parcel is back with us, "
        "the refund reaches your account within five working days, by the way you paid.",
    ),
    _article(
        "shipping-time",
        "en",
        "How long shipping takes",
        "When will my order arrive?",
        "shipping delivery time arrive late waiting tracking parcel order status where",
        "Orders leave our warehouse within one working day and usually arrive two to four working days later. The "
        "tracking link is in the mail that tells you about the shipment; it can take a day to show a first scan.",
    ),
    _article(
        "damaged-item",
        "en",
        "A damaged or wrong item",
        "My item arrived damaged",
        "damaged broken wrong item defect missing part replacement",
        "We are sorry that it arrived this way. Please send us a photo of the item and of the parcel, with your order "
        "number. We send a replacement at no cost; you need not return the damaged one.",
    ),
    _article(
        "invoice",
        "en",
        "Invoices",
        "Where do I find my invoice?",
        "invoice receipt bill tax vat billing",
        "You find every invoice as a PDF in your account under Billing, Invoices. To add a VAT number or change the "
        'billing address, edit it there first and choose "Issue again".',
    ),
    _article(
        "change-plan",
        "en",
        "Change or cancel your plan",
        "How do I cancel my subscription?",
        "cancel subscription plan upgrade downgrade terminate month move team basic pay middle",
        "You can change or cancel your plan in your account under Billing, Plan. A cancellation takes effect at the "
        "end of the period you have paid for; until then everything keeps working, and your data stays for 60 days. If you "
        "move from Basic to Team in the middle of a month, you pay only the difference for the days that are left.",
    ),
    _article(
        "change-address",
        "en",
        "Change the delivery address",
        "Can I change my delivery address?",
        "address change moved wrong address delivery",
        "As long as the order has not left our warehouse we can change its address: please send us the order number "
        "and the full new address. For later orders, edit it in your account under Addresses.",
    ),
    _article(
        "two-factor",
        "en",
        "Two-factor sign-in",
        "I lost my phone and cannot sign in",
        "two factor 2fa code authenticator phone lost security",
        "Without your phone, sign in with one of the recovery codes you saved when you set it up. If you have none "
        "left, answer from the email address of your account and we will verify you and switch it off.",
    ),
    _article(
        "export-data",
        "en",
        "Export your data",
        "How can I export my data?",
        "export download data csv backup gdpr",
        'In Settings, Data, choose "Export". We prepare a ZIP file with CSV files of everything in your account and '
        "mail you a link, usually within an hour; the link works for seven days.",
    ),
    _article(
        "opening-hours",
        "en",
        "When we are there",
        "When can I reach you?",
        "hours open phone contact reach holiday",
        "We answer Monday to Friday from 9:00 to 17:00. Messages from outside these hours are read first thing on the "
        "next working day.",
    ),
    _article(
        "passwort",
        "de",
        "Passwort zurücksetzen",
        "Wie setze ich mein Passwort zurück?",
        "passwort vergessen anmelden login gesperrt link abgelaufen zurücksetzen",
        "Sie können jederzeit ein neues Passwort setzen: Wählen Sie auf der Anmeldeseite „Passwort vergessen“ und geben "
        "Sie Ihre E-Mail-Adresse ein. Der Link in der E-Mail gilt 30 Minuten. Falls keine E-Mail ankommt, sehen Sie "
        "bitte im Spam-Ordner nach.",
    ),
    _article(
        "rueckgabe",
        "de",
        "Rückgabe und Erstattung",
        "Kann ich die Ware zurückgeben?",
        "rückgabe erstattung erstatten geld zurück zurücksenden zurückgeschickt widerruf",
        "Sie können alles innerhalb von 30 Tagen zurückgeben. Bitte nennen Sie uns die Bestellnummer; sobald das Paket "
        "bei uns ist, erhalten Sie Ihr Geld innerhalb von fünf Werktagen auf dem Weg zurück, auf dem Sie bezahlt haben.",
    ),
    _article(
        "lieferzeit",
        "de",
        "Lieferzeit",
        "Wann kommt meine Bestellung an?",
        "lieferung versand paket sendung sendungsverfolgung ankommen warte lieferzeit dauert lange kostet österreich tagen",
        "Bestellungen verlassen unser Lager innerhalb eines Werktags und sind meist zwei bis vier Werktage später da. "
        "Den Link zur Sendungsverfolgung finden Sie in der Versandmail.",
    ),
    _article(
        "rechnung",
        "de",
        "Rechnungen",
        "Wo finde ich meine Rechnung?",
        "rechnung beleg mehrwertsteuer umsatzsteuer quittung nummer ustid",
        "Alle Rechnungen finden Sie als PDF in Ihrem Konto unter Abrechnung, Rechnungen. Soll eine Rechnung Ihre USt-IdNr. oder "
        "eine andere Rechnungsadresse nennen, tragen Sie diese dort ein und lassen die Rechnung neu ausstellen.",
    ),
    _article(
        "kuendigung",
        "de",
        "Tarif ändern oder kündigen",
        "Wie kündige ich mein Abo?",
        "kündigen abo tarif kündigung monatsende wechseln monat team basic bezahlen",
        "Sie können Ihren Tarif im Konto unter Abrechnung, Tarif ändern oder kündigen. Eine Kündigung gilt zum Ende des "
        "bezahlten Zeitraums; bis dahin funktioniert alles weiter. Wenn Sie mitten im Monat von Basic auf Team wechseln, "
        "zahlen Sie nur die Differenz für die restlichen Tage.",
    ),
    _article(
        "beschaedigt",
        "de",
        "Beschädigte Ware",
        "Mein Artikel ist beschädigt angekommen",
        "beschädigt kaputt defekt zerbrochen falscher artikel ersatz foto",
        "Das tut uns leid. Bitte schicken Sie uns ein Foto des Artikels und der Verpackung mit Ihrer Bestellnummer. Wir "
        "senden kostenlos Ersatz; den beschädigten Artikel brauchen Sie nicht zurückzuschicken.",
    ),
    _article(
        "adresse",
        "de",
        "Lieferadresse ändern",
        "Kann ich die Lieferadresse ändern?",
        "lieferadresse adresse ändern umgezogen umzug falsche aufgegeben",
        "Solange die Bestellung unser Lager nicht verlassen hat, können wir die Adresse ändern: Bitte nennen Sie uns die "
        "Bestellnummer und die vollständige neue Adresse. Für spätere Bestellungen ändern Sie sie in Ihrem Konto unter Adressen.",
    ),
    _article(
        "zwei-faktor",
        "de",
        "Anmeldung mit zwei Faktoren",
        "Ich habe mein Handy verloren und kann mich nicht anmelden",
        "zwei faktor code handy telefon verloren neues anmelden authenticator",
        "Ohne Ihr Handy melden Sie sich mit einem der Wiederherstellungscodes an, die Sie bei der Einrichtung gespeichert haben. "
        "Haben Sie keinen mehr, antworten Sie bitte von der E-Mail-Adresse Ihres Kontos; wir prüfen das und schalten sie ab.",
    ),
    _article(
        "datenexport",
        "de",
        "Daten exportieren",
        "Wie kann ich meine Daten exportieren?",
        "daten exportieren export herunterladen format csv sicherung",
        "Wählen Sie unter Einstellungen, Daten den Punkt „Exportieren“. Wir bereiten eine ZIP-Datei mit CSV-Dateien vor und "
        "schicken Ihnen meist innerhalb einer Stunde einen Link; er gilt sieben Tage.",
    ),
    _article(
        "oeffnungszeiten",
        "de",
        "Wann wir da sind",
        "Wann erreiche ich Sie?",
        "erreiche telefonisch telefon öffnungszeiten samstags wochenende feiertag",
        "Wir antworten montags bis freitags von 9 bis 17 Uhr. Was außerhalb dieser Zeiten ankommt, lesen wir am nächsten "
        "Werktag als Erstes.",
    ),
]
