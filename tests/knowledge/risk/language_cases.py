"""Replies and customers' texts in two languages, paired by the language flag's tests."""

from itertools import permutations

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
ABROAD = {  # language → what customers write, what a reply says
    "fr": (["Comment réinitialiser mon mot de passe ?", "Où est ma commande ? La livraison a du retard",
            "Livrez-vous en Belgique ?"],
           ["Vous pouvez choisir un nouveau mot de passe à tout moment sur la page de connexion.",
            "Les commandes arrivent en général quelques jours plus tard. Nous vérifions où se trouve la vôtre."]),
    "es": (["¿Cómo cambio mi contraseña?", "¿Dónde está mi pedido? La entrega se retrasa",
            "Quiero devolver los zapatos"],
           ["Puede elegir una contraseña nueva en cualquier momento en la página de acceso.",
            "Los pedidos suelen llegar pocos días después. Vamos a comprobar dónde está el suyo."]),
    "pt": (["Como redefino a minha senha?", "Onde está o meu pedido? A entrega está atrasada",
            "Quero devolver os sapatos que comprei"],
           ["Você pode escolher uma nova senha a qualquer momento na página de acesso.",
            "Os pedidos costumam chegar poucos dias depois. Vamos verificar onde está o seu."]),
    "it": (["Come posso reimpostare la password?", "Dov'è il mio ordine? La consegna è in ritardo",
            "Vorrei restituire le scarpe"],
           ["È possibile scegliere una nuova password in qualsiasi momento nella pagina di accesso.",
            "Gli ordini arrivano di solito pochi giorni dopo. Controlliamo subito dove si trova il Suo."]),
    "nl": (["Hoe stel ik mijn wachtwoord opnieuw in?", "Waar is mijn bestelling? De levering is te laat",
            "Ik wil de schoenen ruilen"],
           ["U kunt op elk moment een nieuw wachtwoord kiezen op de inlogpagina.",
            "Bestellingen komen meestal enkele dagen later aan. Wij gaan na waar die van u is."]),
    "pl": (["Jak mogę zmienić hasło?", "Gdzie jest moje zamówienie? Dostawa się spóźnia",
            "Chcę zwrócić buty z zeszłego tygodnia"],
           ["Nowe hasło można ustawić w dowolnej chwili na stronie logowania.",
            "Zamówienia zwykle docierają po kilku dniach. Sprawdzimy, gdzie jest Pana przesyłka."]),
    "sv": (["Hur återställer jag mitt lösenord?", "Var är min beställning? Leveransen är försenad",
            "Jag vill lämna tillbaka skorna"],
           ["Du kan när som helst välja ett nytt lösenord på inloggningssidan.",
            "Beställningar kommer oftast några dagar senare. Vi kontrollerar var din är."]),
    "en": (CUSTOMERS["en"][:3], REPLIES["en"][:2]),
    "de": (CUSTOMERS["de"][:3], REPLIES["de"][:2]),
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
# Each pair of two languages, with one customer and one reply of each; and all of one language.
WRONG += [
    (one, other, ABROAD[one][0][place % 3], ABROAD[other][1][place % 2])
    for place, (one, other) in enumerate(permutations(ABROAD, 2))
]
RIGHT += [
    (one, one, customer, reply)
    for one, (asked, said) in ABROAD.items()
    for customer in asked
    for reply in said
]
