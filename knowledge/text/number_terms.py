"""What gives a number its meaning, in seven languages, and number words in more: units, currencies, days. Constants only."""

import re

# Minutes; months are apart, because no number of days is one month.
MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = (
    ("minutes", 1),
    ("minutes", 60),
    ("minutes", 1440),
    ("minutes", 10080),
    ("months", 1),
    ("months", 12),
)
UNITS: dict[tuple[str, int], str] = {
    MINUTE: r"min(?:ute|uten?|uti|uto|utos|utes|uut)?s?\b\.?|minütige?[nrs]?",
    HOUR: r"h(?:our|rs?)?s?\b|std\.?|stunden?|stündige?[nrs]?|heures?|horas?|or[ae]|uur|uren",
    DAY: r"(?:(?:full|business|working|work|calendar|week|more|consecutive)[ -]?){0,2}days?"
         r"|(?:(?:werk|arbeits|kalender|geschäfts|bank)[ -]?)?tage?[ns]?\b"
         r"|tägige?[nrs]?|jours?|d[ií]as?|giorn[io]|(?:werk)?dag(?:en)?",
    WEEK: r"weeks?|wochen?|wöchige?[nrs]?|semaines?|semanas?|settiman[ae]|we(?:ek|ken)",
    MONTH: r"months?|monat(?:e|en|s)?|monatige?[nrs]?|mois|mes(?:es)?|mês|mes[ei]|maand(?:en)?",
    YEAR: r"years?|jahre?[ns]?\b|jährige?[nrs]?|ans\b|années?|años?|anos?|ann[io]|jaar|jaren",
}  # fmt: skip
UNIT = re.compile(
    r"[ \n-]{0,2}(?:"
    + "|".join(f"(?P<u{place}>{words})" for place, words in enumerate(UNITS.values()))
    + r")(?![^\W\d_])"
)
PERCENT = re.compile(
    r"[ \n]?%|[ \n-](?:percent|per cent|prozent|pour cent|por ciento|por cento|per cento|procent)\b"
)
CURRENCIES = {
    "EUR": r"€|euros?|eur", "USD": r"us\$|\$|us[ -]dollars?|dollars?|usd|bucks", "GBP": r"£|pounds?|gbp|pfund|quid",
    "CHF": r"chf|sfr\.?|franken|francs?", "JPY": r"¥|yen|jpy", "BRL": r"r\$|reais|brl", "PLN": r"zł|pln|złoty",
    "SEK": r"sek|kronor", "DKK": r"dkk", "NOK": r"nok", "CZK": r"kč|czk", "INR": r"₹|inr|rupees?",
}  # fmt: skip
CURRENCY = "|".join(f"(?P<c{place}>{words})" for place, words in enumerate(CURRENCIES.values()))
CURRENCY_AFTER = re.compile(rf"[ \n-]{{0,2}}(?:{CURRENCY})(?![^\W\d_])")
CURRENCY_BEFORE = re.compile(rf"(?<![^\W\d_])(?:{CURRENCY})[ \n]{{0,2}}\Z")
MONTHS = (
    "january jan januar jänner janvier enero janeiro gennaio januari",
    "february feb februar février febrero fevereiro febbraio februari",
    "march mar märz mars marzo março maart", "april apr avril abril aprile", "may mai mayo maio maggio mei",
    "june jun juni juin junio junho giugno", "july jul juli juillet julio julho luglio",
    "august aug août agosto augustus", "september sep sept septembre septiembre setembro settembre",
    "october oct oktober okt octobre octubre outubro ottobre",
    "november nov novembre noviembre novembro", "december dec dezember dez décembre diciembre dezembro dicembre",
)  # fmt: skip
MONTH_OF = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}
# On their own: what is no other word besides ("may", "mar", "sept" is seven, "mars" is a planet).
MONTH_ALONE = {word for word in MONTH_OF if len(word) > 4} - {"march", "avril", "maggio", "marzo", "março"}
WEEKDAYS = (
    "monday mondays montag montags lundi lunes lunedì maandag segunda-feira",
    "tuesday tuesdays dienstag dienstags mardi martes martedì dinsdag terça-feira",
    "wednesday wednesdays mittwoch mittwochs mercredi miércoles mercoledì woensdag quarta-feira",
    "thursday thursdays donnerstag donnerstags jeudi jueves giovedì donderdag quinta-feira",
    "friday fridays freitag freitags vendredi viernes venerdì vrijdag sexta-feira",
    "saturday saturdays samstag samstags sonnabend samedi sábado sabato zaterdag",
    "sunday sundays sonntag sonntags dimanche domingo domenica zondag",
)
WEEKDAY_OF = {word: number for number, words in enumerate(WEEKDAYS, 1) for word in words.split()}
TOMORROW = frozenset("tomorrow demain amanhã domani übermorgen".split())  # noqa: SIM905
# "Two options", "drei Möglichkeiten" say how the reply is built, nothing about the customer's case.
RHETORICAL = re.compile(
    r"\s+(?:\w+\s+)?(?:options?|ways?|steps?|things?|possibilit\w+|questions?|points?|möglichkeiten|schritten?|wegen?|dinge|fragen|punkte"
    r"|optionen|façons|étapes|choses|opciones|pasos|cosas|formas|opções|passos|opzioni|passi|modi|opties|stappen|manieren)\b"
)
# What a language writes for a number, where the words of English and German (number_words.py) do not say it. By language,
# because "once" is eleven in Spanish and "due" is two in Italian.
WORDS = {
    "fr": "deux 2 trois 3 quatre 4 cinq 5 six 6 sept 7 huit 8 neuf 9 dix 10 douze 12 quatorze 14 quinze 15 vingt 20 "
          "vingt-quatre 24 trente 30 quarante 40 quarante-huit 48 cinquante 50 soixante 60 quatre-vingt-dix 90 cent 100",
    "es": "dos 2 tres 3 cuatro 4 cinco 5 seis 6 siete 7 ocho 8 nueve 9 diez 10 doce 12 catorce 14 quince 15 veinte 20 "
          "veinticuatro 24 treinta 30 cuarenta 40 cincuenta 50 sesenta 60 setenta 70 ochenta 80 noventa 90 cien 100",
    "pt": "dois 2 duas 2 três 3 quatro 4 cinco 5 seis 6 sete 7 oito 8 nove 9 dez 10 doze 12 catorze 14 quinze 15 vinte 20 "
          "trinta 30 quarenta 40 cinquenta 50 sessenta 60 setenta 70 oitenta 80 noventa 90 cem 100",
    "it": "due 2 tre 3 quattro 4 cinque 5 sei 6 sette 7 otto 8 nove 9 dieci 10 dodici 12 quattordici 14 quindici 15 venti 20 "
          "ventiquattro 24 trenta 30 quaranta 40 cinquanta 50 sessanta 60 settanta 70 ottanta 80 novanta 90 cento 100",
    "nl": "twee 2 drie 3 vier 4 vijf 5 zes 6 zeven 7 acht 8 negen 9 tien 10 twaalf 12 veertien 14 vijftien 15 twintig 20 "
          "dertig 30 veertig 40 vijftig 50 zestig 60 zeventig 70 tachtig 80 negentig 90 honderd 100",
    "sv": "två 2 tre 3 fyra 4 fem 5 sex 6 sju 7 åtta 8 nio 9 tio 10 tolv 12 fjorton 14 femton 15 tjugo 20 trettio 30 fyrtio 40 "
          "femtio 50 sextio 60 nittio 90 hundra 100",
    "pl": "dwa 2 dwie 2 dwóch 2 trzy 3 trzech 3 cztery 4 czterech 4 pięć 5 pięciu 5 sześć 6 sześciu 6 siedem 7 siedmiu 7 osiem 8 "
          "ośmiu 8 dziewięć 9 dziewięciu 9 dziesięć 10 dziesięciu 10 dwanaście 12 czternaście 14 czternastu 14 piętnaście 15 "
          "dwadzieścia 20 trzydzieści 30 trzydziestu 30 czterdzieści 40 pięćdziesiąt 50 sześćdziesiąt 60 sto 100",
    "ru": "два 2 две 2 двух 2 три 3 трёх 3 трех 3 четыре 4 четырёх 4 четырех 4 пять 5 пяти 5 шесть 6 шести 6 семь 7 семи 7 "
          "восемь 8 восьми 8 девять 9 девяти 9 десять 10 десяти 10 двенадцать 12 четырнадцать 14 пятнадцать 15 двадцать 20 "
          "тридцать 30 тридцати 30 сорок 40 пятьдесят 50 шестьдесят 60 девяносто 90 сто 100",
    "tr": "iki 2 üç 3 dört 4 beş 5 altı 6 yedi 7 sekiz 8 dokuz 9 on 10 yirmi 20 otuz 30 kırk 40 elli 50 altmış 60 doksan 90 "
          "yüz 100",
    "ar": "ثلاثة 3 ثلاث 3 أربعة 4 أربع 4 خمسة 5 خمس 5 ستة 6 ست 6 سبعة 7 سبع 7 ثمانية 8 ثماني 8 تسعة 9 تسع 9 عشرة 10 عشر 10 "
          "عشرون 20 عشرين 20 ثلاثون 30 ثلاثين 30 أربعون 40 أربعين 40 خمسون 50 خمسين 50 ستون 60 ستين 60 تسعون 90 تسعين 90",
}  # fmt: skip
NUMBER_WORDS = {
    language: dict(zip(words.split()[::2], map(float, words.split()[1::2]), strict=True))
    for language, words in WORDS.items()
}
# "Within a week" is a promise; "once a week" and "have a day" are none.
A = re.compile(
    r"\b(?:within|in|after|takes?|than|about|nach|dans|sous|après|en|em|após|dentro de|después de|entro|dopo|binnen|na)[ \n]"
    r"(an?|une?|uma?|una|een|uno)(?=[ \n])"
)
