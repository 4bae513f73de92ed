"""More replies for the support check, in languages other than English and German (support_cases.py has those): numbers, amounts,
links, addresses, days. Written before the check was tried on them.
"""

ARTICLES = {
    "fr": (
        "Vous pouvez retourner un article sous 30 jours. Le remboursement arrive sur votre compte en cinq jours ouvrables. Les "
        "frais de retour sont de 4,95 € et offerts dès 50 €. Faites la demande sur https://acme.example/retours ou écrivez à "
        "retours@acme.example. Le service répond du lundi au vendredi, de 9 h à 17 h, au +33 1 23 45 67 89. Fermé le 25 décembre."
    ),
    "es": (
        "Puede devolver cualquier artículo en un plazo de 30 días. El reembolso llega en cinco días laborables. El envío de "
        "vuelta cuesta 4,95 € y es gratis a partir de 50 €. Empiece en https://acme.example/devoluciones o escriba a "
        "devoluciones@acme.example. Atendemos de lunes a viernes, de 9:00 a 17:00, en el +34 912 345 678. Cerramos el 6 de enero."
    ),
    "pt": (
        "Você pode devolver qualquer item em até 30 dias. O reembolso chega em cinco dias úteis. O frete de devolução custa "
        "R$ 24,90 e é grátis acima de R$ 250. Comece em https://acme.example/devolucoes ou escreva para trocas@acme.example. "
        "Atendemos de segunda-feira a sexta-feira, das 9h às 17h, no +55 11 2345-6789. Fechamos em 7 de setembro."
    ),
    "it": (
        "È possibile restituire un articolo entro 30 giorni. Il rimborso arriva in cinque giorni lavorativi. La spedizione di "
        "ritorno costa 4,95 € ed è gratuita da 50 €. Si comincia su https://acme.example/resi o scrivendo a resi@acme.example. "
        "Rispondiamo dal lunedì al venerdì, dalle 9:00 alle 17:00, al +39 02 1234567. Chiusi il 15 agosto."
    ),
    "nl": (
        "U kunt een artikel binnen 30 dagen terugsturen. De terugbetaling komt binnen vijf werkdagen. Retour kost € 4,95 en is "
        "gratis vanaf € 50. Begin op https://acme.example/retour of mail retour@acme.example. Wij zijn er van maandag tot en met "
        "vrijdag van 9:00 tot 17:00 uur, op +31 20 123 4567. Gesloten op 27 april."
    ),
    "pl": (
        "Towar można zwrócić w ciągu 30 dni. Zwrot pieniędzy trwa pięć dni roboczych. Odesłanie kosztuje 19,90 zł i jest darmowe "
        "od 200 zł. Zacznij na https://acme.example/zwroty lub napisz na zwroty@acme.example. Odpowiadamy od poniedziałku do "
        "piątku w godzinach 9:00-17:00, pod numerem +48 22 123 45 67. Zamknięte 11 listopada."
    ),
    "sv": (
        "Du kan returnera en vara inom 30 dagar. Återbetalningen kommer inom fem arbetsdagar. Returen kostar 49 kr och är gratis "
        "från 500 kr. Börja på https://acme.example/retur eller skriv till retur@acme.example. Vi svarar måndag till fredag, "
        "kl. 9.00 till 17.00, på +46 8 123 45 67. Stängt den 6 juni."
    ),
}  # fmt: skip
ASKED = {
    "fr": "Bonjour, comment puis-je retourner mes chaussures ?", "es": "Hola, ¿cómo puedo devolver mis zapatos?",
    "pt": "Olá, como faço para devolver meus sapatos?", "it": "Buongiorno, come posso restituire le scarpe?",
    "nl": "Hallo, hoe kan ik mijn schoenen terugsturen?", "pl": "Dzień dobry, jak mogę zwrócić buty?",
    "sv": "Hej, hur kan jag returnera mina skor?",
}  # fmt: skip

# (language, the reply, the facts that have no source)
UNSUPPORTED = [
    ("fr", "Vous pouvez retourner vos chaussures sous 90 jours.", ["90 jours"]),
    ("fr", "Vous pouvez les retourner sous six semaines.", ["six semaines"]),
    ("fr", "Le remboursement arrive en dix jours ouvrables.", ["dix jours"]),
    ("fr", "Les frais de retour sont de 6,95 €.", ["6,95 €"]),
    ("fr", "Nous gardons quinze pour cent du prix.", ["quinze pour cent"]),
    ("fr", "Faites la demande sur https://acme.example/echanges.", ["https://acme.example/echanges"]),
    ("fr", "Écrivez à echanges@acme.example.", ["echanges@acme.example"]),
    ("fr", "Le service répond aussi le samedi.", ["samedi"]),
    ("fr", "Le service répond jusqu'à 20 h.", ["20 h"]),
    ("fr", "Appelez le +33 1 98 76 54 32.", ["+33 1 98 76 54 32"]),
    ("fr", "Nous sommes fermés le 1er mai.", ["1er mai"]),
    ("fr", "Nous vous rappelons demain.", ["demain"]),
    ("es", "Puede devolver sus zapatos en un plazo de 90 días.", ["90 días"]),
    ("es", "Tiene tres semanas para devolverlos.", ["tres semanas"]),
    ("es", "El reembolso llega en diez días laborables.", ["diez días"]),
    ("es", "El envío de vuelta cuesta 7 euros.", ["7 euros"]),
    ("es", "Descontamos un 15 % del precio.", ["15 %"]),
    ("es", "Empiece en https://acme-cambios.example/inicio.", ["https://acme-cambios.example/inicio"]),
    ("es", "Escriba a ayuda@acme.example.", ["ayuda@acme.example"]),
    ("es", "También atendemos los domingos.", ["domingos"]),
    ("es", "Atendemos hasta las 20:00.", ["20:00"]),
    ("es", "Cerramos el 12 de octubre.", ["12 de octubre"]),
    ("es", "Le llamaremos mañana.", ["mañana"]),
    ("pt", "Você pode devolver em até 90 dias.", ["90 dias"]),
    ("pt", "Você tem duas semanas para devolver.", ["duas semanas"]),
    ("pt", "O frete de devolução custa R$ 39,90.", ["r$ 39,90"]),
    ("pt", "Cobramos vinte por cento do valor.", ["vinte por cento"]),
    ("pt", "Comece em https://acme.example/trocas.", ["https://acme.example/trocas"]),
    ("pt", "Atendemos também no sábado.", ["sábado"]),
    ("pt", "Atendemos até as 20h.", ["20h"]),
    ("pt", "Fechamos em 12 de outubro.", ["12 de outubro"]),
    ("pt", "O reembolso chega amanhã.", ["amanhã"]),
    ("it", "È possibile restituirle entro 90 giorni.", ["90 giorni"]),
    ("it", "Il rimborso arriva in due settimane.", ["due settimane"]),
    ("it", "La spedizione di ritorno costa 9 euro.", ["9 euro"]),
    ("it", "Tratteniamo il 20 per cento del prezzo.", ["20 per cento"]),
    ("it", "Rispondiamo anche il sabato.", ["sabato"]),
    ("it", "Rispondiamo fino alle 20:00.", ["20:00"]),
    ("it", "Chiusi il 1° maggio.", ["1° maggio"]),
    ("nl", "U kunt ze binnen 90 dagen terugsturen.", ["90 dagen"]),
    ("nl", "U kunt ze binnen zes weken terugsturen.", ["zes weken"]),
    ("nl", "Retour kost € 6,95.", ["€ 6,95"]),
    ("nl", "Wij houden tien procent in.", ["tien procent"]),
    ("nl", "Wij zijn er ook op zaterdag.", ["zaterdag"]),
    ("nl", "Wij zijn er tot 20 uur.", ["20 uur"]),
    ("nl", "U heeft uw geld morgen.", ["morgen"]),
    ("pl", "Towar można zwrócić w ciągu 90 dni.", ["90 dni"]),
    ("pl", "Na zwrot ma Pan sześć tygodni.", ["sześć tygodni"]),
    ("pl", "Odesłanie kosztuje 29,90 zł.", ["29,90 zł"]),
    ("pl", "Odpowiadamy także w sobotę.", ["sobotę"]),
    ("pl", "Odpowiadamy do godziny 20:00.", ["20:00"]),
    ("pl", "Zamknięte 3 maja.", ["3 maja"]),
    ("pl", "Zadzwonimy jutro.", ["jutro"]),
    ("sv", "Du kan returnera dem inom 90 dagar.", ["90 dagar"]),
    ("sv", "Du har tre veckor på dig.", ["tre veckor"]),
    ("sv", "Returen kostar 79 kr.", ["79 kr"]),
    ("sv", "Vi svarar också på lördag.", ["lördag"]),
    ("sv", "Stängt den 24 december.", ["24 december"]),
    ("sv", "Du har pengarna i morgon.", ["morgon"]),
]  # fmt: skip

# (language, a reply whose facts all have a source)
SUPPORTED = [
    ("fr", "Vous pouvez retourner vos chaussures sous 30 jours."),
    ("fr", "Vous pouvez les retourner sous trente jours."),
    ("fr", "Le remboursement arrive en 5 jours ouvrables."),
    ("fr", "Le retour coûte 4,95 euros, rien à partir de 50 euros."),
    ("fr", "Nous répondons du lundi au vendredi de 9h à 17h."),
    ("fr", "Nous répondons de 9:00 à 17:00."),
    ("fr", "Appelez le 01 23 45 67 89."),
    ("fr", "Il y a deux possibilités : le renvoyer ou le rapporter."),
    ("fr", "Fermé le 25/12."),
    ("fr", "Voir acme.example/retours."),
    ("es", "Puede devolver sus zapatos en un plazo de treinta días."),
    ("es", "El reembolso llega en 5 días."),
    ("es", "Cuesta 4,95 EUR; a partir de 50 EUR, nada."),
    ("es", "Atendemos de lunes a viernes de 9 a 17 horas."),
    ("es", "Llame al 912 345 678."),
    ("es", "Estamos a su disposición por la mañana."),
    ("es", "Cerramos el 6 de enero."),
    ("es", "Hay dos opciones: enviarlos o traerlos."),
    ("es", "Escriba a Devoluciones@acme.example."),
    ("pt", "Você pode devolver em até trinta dias."),
    ("pt", "O reembolso chega em 5 dias úteis."),
    ("pt", "A devolução custa R$24,90 e é grátis acima de 250 reais."),
    ("pt", "Atendemos de segunda a sexta, das 9:00 às 17:00."),
    ("pt", "Fechamos em 07/09."),
    ("pt", "Há duas opções: enviar ou trazer."),
    ("pt", "Veja www.acme.example/devolucoes."),
    ("it", "È possibile restituirle entro trenta giorni."),
    ("it", "Il rimborso arriva in 5 giorni lavorativi."),
    ("it", "Costa 4,95 euro, gratis da 50 euro."),
    ("it", "Rispondiamo da lunedì a venerdì, dalle 9 alle 17."),
    ("it", "Chiusi il 15 agosto."),
    ("it", "Ci sono due modi: spedirle o portarle."),
    ("nl", "U kunt ze binnen dertig dagen terugsturen."),
    ("nl", "De terugbetaling komt binnen 5 werkdagen."),
    ("nl", "Retour kost 4,95 euro, gratis vanaf 50 euro."),
    ("nl", "Wij zijn er van maandag tot vrijdag van 9 tot 17 uur."),
    ("nl", "Bel 020 123 4567."),
    ("nl", "Goede morgen, wij helpen u graag."),
    ("pl", "Towar można zwrócić w ciągu trzydziestu dni."),
    ("pl", "Zwrot pieniędzy trwa 5 dni roboczych."),
    ("pl", "Kosztuje to 19,90 PLN, a od 200 PLN nic."),
    ("pl", "Odpowiadamy od poniedziałku do piątku od 9 do 17."),
    ("pl", "Zamknięte 11 listopada."),
    ("sv", "Du kan returnera dem inom trettio dagar."),
    ("sv", "Återbetalningen kommer inom 5 arbetsdagar."),
    ("sv", "Returen kostar 49 kronor, gratis från 500 kronor."),
    ("sv", "Vi svarar måndag till fredag klockan 9 till 17."),
    ("sv", "Stängt den 6 juni."),
]  # fmt: skip
