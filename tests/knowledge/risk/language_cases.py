"""Replies and customers' texts in two languages, paired by the language flag's tests."""

CUSTOMERS = {
    "en": [
        "How do I reset my password?", "Where is my order? The delivery is late", "I want to return the shoes I bought last week",
        "Can you send me the invoice for May again?", "My coffee machine arrived broken", "Do you ship to Ireland?",
        "The app crashes when I open it", "How can I cancel my subscription?",
    ],
    "de": [
        "Wie setze ich mein Passwort zurück?", "Wo ist meine Bestellung? Die Lieferung ist zu spät",
        "Ich möchte die Schuhe von letzter Woche zurückgeben", "Können Sie mir die Rechnung vom Mai noch einmal schicken?",
        "Meine Kaffeemaschine kam kaputt an", "Liefern Sie auch nach Österreich?", "Die App stürzt beim Öffnen ab",
        "Wie kann ich mein Abo kündigen?",
    ],
}  # fmt: skip
REPLIES = {
    "en": [
        "You can set a new password at any time. Choose “Forgot password” on the sign-in page.",
        "Orders usually arrive two to four working days later. We will check where yours is.",
        "You can return anything. Please send us your order number, and we will send you a label.",
        "We are sorry that it arrived this way. Please send us a photo of the item and of the parcel.",
    ],
    "de": [
        "Sie können jederzeit ein neues Passwort setzen. Wählen Sie dazu „Passwort vergessen“ auf der Anmeldeseite.",
        "Bestellungen kommen in der Regel nach wenigen Werktagen an. Wir prüfen gern, wo Ihre ist.",
        "Sie können alles zurückgeben. Bitte nennen Sie uns Ihre Bestellnummer, dann senden wir Ihnen ein Etikett.",
        "Es tut uns leid, dass es so angekommen ist. Bitte senden Sie uns ein Foto der Ware und des Pakets.",
    ],
}  # fmt: skip
WRONG = [
    (one, other, customer, reply)
    for one, other in (("en", "de"), ("de", "en"))
    for customer in CUSTOMERS[one]
    for reply in REPLIES[other]
]
RIGHT = [
    (one, one, customer, reply)
    for one in ("en", "de")
    for customer in CUSTOMERS[one]
    for reply in REPLIES[one]
]
