"""What the demo's customers ask a small shop with a subscription, in English and German."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One topic: what a customer asks in two languages, and how the desk would answer."""

    topic: str
    asks: dict[str, tuple[str, ...]]
    answers: dict[str, str]
    labels: tuple[str, ...] = ()
    attachment: str | None = None


PEOPLE = {
    "en": (
        "Emma Clarke", "Liam Walsh", "Olivia Hughes", "Noah Patel", "Grace Morgan",
        "Harry Bennett", "Chloe Adams", "Jack Foster", "Amelia Reid", "Oscar Price",
        "Ruby Simmons", "Ethan Cole", "Isla Grant", "Mason Kerr", "Zoe Lambert",
    ),
    "de": (
        "Anna Schröder", "Jonas Müller", "Lea Hoffmann", "Felix Krüger", "Sophie Jäger",
        "Paul Lehmann", "Mia Köhler", "Lukas Brandt", "Clara Vogel", "Max Weiß",
        "Nina Böttcher", "Tobias Engel", "Johanna Lang", "Moritz Busch", "Karin Gärtner",
    ),
}  # fmt: skip

THANKS = {
    "en": ("Thank you, that helped!", "Great, thanks.", "Any news on this?"),
    "de": ("Vielen Dank, das hat geholfen!", "Super, danke.", "Gibt es hierzu etwas Neues?"),
}
NOTES = (
    "Checked with the warehouse: the parcel left on Tuesday.",
    "Long-standing customer, be generous.",
    "Second mail about this; see the earlier conversation.",
)

STORIES = (
    Story(
        "password",
        {
            "en": (
                "Hi, I forgot my password and the reset mail never arrives. Can you help?",
                "The password reset link says it has expired. How do I get a new one?",
            ),
            "de": (
                "Hallo, ich habe mein Passwort vergessen und die Mail zum Zurücksetzen kommt nicht an.",
                "Der Link zum Zurücksetzen des Passworts ist abgelaufen. Wie bekomme ich einen neuen?",
            ),
        },
        {
            "en": "You can ask for a new link on the sign-in page under “Forgot password”. "
            "It is valid for two hours; please look in the spam folder too.",
            "de": "Auf der Anmeldeseite können Sie unter „Passwort vergessen“ einen neuen Link anfordern. "
            "Er gilt zwei Stunden; bitte sehen Sie auch im Spam-Ordner nach.",
        },
        ("account",),
    ),
    Story(
        "refund",
        {
            "en": (
                "I returned my order #48213 ten days ago. When will I get my refund?",
                "Please refund the second charge on my card, I was billed twice this month.",
            ),
            "de": (
                "Ich habe meine Bestellung #48213 vor zehn Tagen zurückgeschickt. "
                "Wann bekomme ich mein Geld zurück?",
                "Mir wurde diesen Monat zweimal abgebucht. Bitte erstatten Sie die zweite Zahlung.",
            ),
        },
        {
            "en": "We refund within five working days of the parcel reaching us, to the card you paid with.",
            "de": "Wir erstatten innerhalb von fünf Werktagen nach Eingang des Pakets auf Ihr Zahlungsmittel.",
        },
        ("refund", "billing"),
    ),
    Story(
        "shipping",
        {
            "en": ("How long does shipping to Austria take, and what does it cost?",),
            "de": ("Wie lange dauert der Versand nach Österreich und was kostet er?",),
        },
        {
            "en": "Shipping to Austria takes three to five working days and costs 6.90 euro.",
            "de": "Der Versand nach Österreich dauert drei bis fünf Werktage und kostet 6,90 Euro.",
        },
        ("shipping",),
    ),
    Story(
        "invoice",
        {
            "en": ("I need an invoice with our VAT number for the order of last week.",),
            "de": ("Ich brauche für die Bestellung der letzten Woche eine Rechnung mit unserer USt-IdNr.",),
        },
        {
            "en": "You find invoices under Account, Billing. Enter your VAT number there once, "
            "and download the invoice again.",
            "de": "Rechnungen finden Sie unter Konto, Abrechnung. Tragen Sie dort Ihre USt-IdNr. ein "
            "und laden Sie die Rechnung erneut herunter.",
        },
        ("billing",),
    ),
    Story(
        "cancel",
        {
            "en": ("I want to cancel my subscription at the end of the month. What do I have to do?",),
            "de": ("Ich möchte mein Abo zum Monatsende kündigen. Was muss ich tun?",),
        },
        {
            "en": "You can cancel under Account, Plan at any time; it then ends with the paid period.",
            "de": "Sie können jederzeit unter Konto, Tarif kündigen; es endet dann mit dem bezahlten Zeitraum.",
        },
        ("billing",),
    ),
    Story(
        "address",
        {
            "en": ("I moved last week. How do I change the delivery address of an order already placed?",),
            "de": (
                "Ich bin umgezogen. Wie ändere ich die Lieferadresse einer schon aufgegebenen Bestellung?",
            ),
        },
        {
            "en": "Until the parcel has left us you can change the address under Orders. After that, write to us.",
            "de": "Bis zum Versand können Sie die Adresse unter Bestellungen ändern. Danach schreiben Sie uns.",
        },
        ("shipping",),
    ),
    Story(
        "tracking",
        {
            "en": ("My tracking number has shown no change for four days. Where is my parcel?",),
            "de": ("Die Sendungsverfolgung zeigt seit vier Tagen nichts Neues. Wo ist mein Paket?",),
        },
        {
            "en": "The carrier updates the tracking once a day. After five days without news we start a search.",
            "de": "Der Paketdienst aktualisiert einmal am Tag. Nach fünf Tagen ohne Neues "
            "starten wir eine Nachforschung.",
        },
        ("shipping",),
    ),
    Story(
        "damaged",
        {
            "en": ("The lamp arrived broken, see the photo. I would like a replacement.",),
            "de": ("Die Lampe kam zerbrochen an, siehe Foto. Ich hätte gern Ersatz.",),
        },
        {
            "en": "We are sorry. A replacement leaves tomorrow; you need not send the broken lamp back.",
            "de": "Das tut uns leid. Der Ersatz geht morgen raus; die kaputte Lampe können Sie behalten.",
        },
        ("damaged",),
        attachment="image",
    ),
    Story(
        "two-factor",
        {
            "en": ("I have a new phone and cannot sign in because of the two-factor code.",),
            "de": ("Ich habe ein neues Handy und komme wegen des Zwei-Faktor-Codes nicht ins Konto.",),
        },
        {
            "en": "Sign in with one of your recovery codes, then set two-factor login up again.",
            "de": "Melden Sie sich mit einem Wiederherstellungscode an und richten Sie den Schutz neu ein.",
        },
        ("account",),
    ),
    Story(
        "export",
        {
            "en": ("Can I export all my data, and in which format?",),
            "de": ("Kann ich alle meine Daten exportieren, und in welchem Format?",),
        },
        {
            "en": "Yes: Account, Privacy, Export. You get a ZIP file with CSV files by mail within a day.",
            "de": "Ja: Konto, Datenschutz, Export. Sie erhalten innerhalb eines Tages "
            "eine ZIP-Datei mit CSV-Dateien.",
        },
        ("account",),
    ),
    Story(
        "plan",
        {
            "en": ("We want to move from Basic to Team in the middle of the month. What do we pay?",),
            "de": ("Wir möchten mitten im Monat von Basic auf Team wechseln. Was bezahlen wir dann?",),
        },
        {
            "en": "You pay only the difference for the days that remain; the change is made under Account, Plan.",
            "de": "Sie zahlen nur die Differenz für die restlichen Tage; wechseln können Sie "
            "unter Konto, Tarif.",
        },
        ("billing",),
    ),
    Story(
        "hours",
        {
            "en": ("When can I reach you by phone? Are you there on Saturdays?",),
            "de": ("Wann erreiche ich Sie telefonisch? Sind Sie auch samstags da?",),
        },
        {
            "en": "We are there Monday to Friday, 9 to 17 h. On Saturdays we read mail only.",
            "de": "Wir sind Montag bis Freitag von 9 bis 17 Uhr da. Samstags lesen wir nur E-Mails.",
        },
    ),
)
