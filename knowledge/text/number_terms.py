"""What gives a number its meaning, in fifteen languages, and number words: units, currencies, days. Constants only."""

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
FORTNIGHT = ("minutes", 20160)
# Hours, in languages whose word for them also says a time: "à 9 h", "de 9 a 17 horas".
CLOCK = ("clock", 60)
UNITS: dict[tuple[str, int], str] = {
    MINUTE: r"min(?:ut(?:e|en?|i|o|os|es|er|ter|a|y)?|uut)?s?\b\.?|minütige?[nrs]?|минут[аыу]?|хвилин[аиу]?|dakika|دقيقة|دقائق",
    HOUR: r"hours?|hrs?\b\.?|std\.?|stunden?|stündige?[nrs]?|timm(?:e|ar)|timer|godzin[aęy]?|hodin[ayu]?"
          r"|час(?:а|ов)?|годин[аиу]?|ساع(?:ة|ات)",
    CLOCK: r"h\b|heures?|horas?|or[ae]|uur|uren|saat",
    DAY: r"(?:(?:full|business|working|work|calendar|week|more|consecutive|pracovních|рабочих|календарных|iş)[ -]?){0,2}"
         r"(?:days?|dn(?:y|ů)|дн(?:я|ей|і|ів)|день|gün)"
         r"|(?:(?:werk|arbeits|kalender|geschäfts|bank)[ -]?)?tage?[ns]?\b"
         r"|tägige?[nrs]?|jours?|d[ií]as?|giorn[io]|(?:werk|arbets|arbejds|virke|var|hver|bank)?dag(?:en|ar|e|er)?"
         r"|dni(?:a|ach)?|dzień|يوما?|أيام",
    WEEK: r"weeks?|wochen?|wöchige?[nrs]?|semaines?|semanas?|settiman[ae]|we(?:ek|ken)|veck(?:a|or)|uger?|uker?"
          r"|tygod(?:nie|ni|nia)|tydzień|týd(?:en|ny|nů)|недел[яиюь]|тиж(?:день|ні|нів)|hafta|أسبوع|أسابيع",
    FORTNIGHT: r"fortnights?",
    MONTH: r"months?|monat(?:e|en|s)?|monatige?[nrs]?|mois|mes(?:es)?|mês|mes[ei]|maand(?:en)?|m[åa]n[ae]d(?:er)?"
           r"|miesi(?:ąc|ące|ęcy)|měsíc[eů]?|м[еі]сяц(?:а|ев|ь|і|ів)?|ay|شهر|أشهر",
    YEAR: r"years?|jahre?[ns]?\b|jährige?[nrs]?|ans\b|années?|años?|anos?|ann[io]|jaar|jaren|år|lata?|rok[uy]?"
          r"|год(?:а)?|лет|рік|рок(?:и|ів|у)|yıl|سن(?:ة|وات)",
}  # fmt: skip
UNIT = re.compile(
    r"[ \n-]{0,2}(?:"
    + "|".join(f"(?P<u{place}>{words})" for place, words in enumerate(UNITS.values()))
    + r")(?![^\W\d_])"
)
PERCENT = re.compile(
    r"[ \n]?[%٪]|[ \n-](?:percent|per cent|prozent|pour cent|por ciento|por cento|per cento|procento?|prosent|процент(?:а|ов)?)\b"
)
CURRENCIES = {
    "EUR": r"€|euros?|eur", "USD": r"us\$|\$|us[ -]dollars?|dollars?|usd|bucks", "GBP": r"£|pounds?|gbp|pfund|quid",
    "CHF": r"chf|sfr\.?|franken|francs?", "JPY": r"¥|yen|jpy", "BRL": r"r\$|reais|brl", "PLN": r"zł|pln|złot(?:y|e|ych)",
    "SEK": r"sek|kronor|kroner|kr\.?", "DKK": r"dkk", "NOK": r"nok", "CZK": r"kč|czk|korun(?:y|a)?", "INR": r"₹|inr|rupees?",
    "TRY": r"₺|tl|lira", "UAH": r"₴|грн\.?|гривень|гривні", "RUB": r"₽|руб(?:лей|ля|\.)?|rub",
}  # fmt: skip
CURRENCY = "|".join(f"(?P<c{place}>{words})" for place, words in enumerate(CURRENCIES.values()))
CURRENCY_AFTER = re.compile(rf"[ \n-]{{0,2}}(?:{CURRENCY})(?![^\W\d_])")
CURRENCY_BEFORE = re.compile(rf"(?<![^\W\d_])(?:{CURRENCY})[ \n]{{0,2}}\Z")
MONTHS = (
    "january jan januar jänner janvier enero janeiro gennaio januari stycznia ledna ocak января январь يناير",
    "february feb februar février febrero fevereiro febbraio februari lutego února şubat февраля февраль فبراير",
    "march mar märz mars marzo março maart marca marts března mart марта март مارس",
    "april apr avril abril aprile kwietnia dubna nisan апреля апрель أبريل ابريل",
    "may mai mayo maio maggio mei maj maja května mayıs мая май مايو",
    "june jun juni juin junio junho giugno czerwca června haziran июня июнь يونيو",
    "july jul juli juillet julio julho luglio lipca července temmuz июля июль يوليو",
    "august aug août agosto augustus augusti sierpnia srpna ağustos августа август أغسطس",
    "september sep sept septembre septiembre setembro settembre września září eylül сентября сентябрь سبتمبر",
    "october oct oktober okt octobre octubre outubro ottobre października října ekim октября октябрь أكتوبر",
    "november nov novembre noviembre novembro listopada listopad listopadu kasım ноября ноябрь نوفمبر",
    "december dec dezember dez décembre diciembre dezembro dicembre grudnia desember prosince aralık декабря декабрь ديسمبر",
)  # fmt: skip
MONTH_OF = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}
# On their own: what is no other word besides ("may", "mar", "sept" is seven, "mars" is a planet).
MONTH_ALONE = {word for word in MONTH_OF if len(word) > 4} - {
    "march", "avril", "maggio", "marzo", "março", "marca", "aralık",
}  # fmt: skip
WEEKDAYS = (
    "monday mondays montag montags lundi lundis lunes lunedì maandag maandags segunda-feira segundas-feiras poniedziałek "
    "poniedziałku poniedziałki måndag måndagar måndagen mandag mandage pondělí понедельник понедельника pazartesi الاثنين "
    "الإثنين",
    "tuesday tuesdays dienstag dienstags mardi mardis martes martedì dinsdag dinsdags terça-feira terças-feiras wtorek "
    "wtorku wtorki tisdag tisdagar tisdagen tirsdag tirsdage úterý вторник вторника salı الثلاثاء",
    "wednesday wednesdays mittwoch mittwochs mercredi mercredis miércoles mercoledì woensdag woensdags quarta-feira "
    "quartas-feiras środa środę środy onsdag onsdagar onsdagen onsdage středa středu středy среда среду среды çarşamba "
    "الأربعاء",
    "thursday thursdays donnerstag donnerstags jeudi jeudis jueves giovedì donderdag donderdags quinta-feira quintas-feiras "
    "czwartek czwartku czwartki torsdag torsdagar torsdagen torsdage čtvrtek čtvrtka четверг четверга perşembe الخميس",
    "friday fridays freitag freitags vendredi vendredis viernes venerdì vrijdag vrijdags sexta-feira sextas-feiras piątek "
    "piątku piątki fredag fredagar fredagen fredage pátek pátku пятница пятницу пятницы cuma الجمعة",
    "saturday saturdays samstag samstags sonnabend samedi samedis sábado sábados sabato sabati zaterdag zaterdags sobota "
    "sobotę soboty lördag lördagar lördagen lørdag lørdage sobotu суббота субботу субботы cumartesi السبت",
    "sunday sundays sonntag sonntags dimanche dimanches domingo domingos domenica domeniche zondag zondags niedziela "
    "niedzielę niedziele söndag söndagar söndagen søndag søndage neděle neděli воскресенье воскресенья pazar الأحد",
)  # fmt: skip
WEEKDAY_OF = {word: number for number, words in enumerate(WEEKDAYS, 1) for word in words.split()}
TOMORROW_WORDS = "tomorrow demain amanhã domani übermorgen imorgon jutro jutra zítra завтра yarın غدا غداً"
TOMORROW = frozenset(TOMORROW_WORDS.split())
# Words for tomorrow that are "morning" after these.
MORNING = {
    "mañana": "la esta cada una toda de",
    "morgen": "guten goede goeden goeie god am jeden diesen der den dem des de elke deze heute gestern nächsten frühen "
              "schönen fijne",
}  # fmt: skip
MORNING_AFTER = {word: frozenset(before.split()) for word, before in MORNING.items()}
# "Two options", "drei Möglichkeiten" say how the reply is built, nothing about the customer's case.
RHETORICAL = re.compile(
    r"\s+(?:\w+\s+)?(?:options?|ways?|steps?|things?|possibilit\w+|questions?|points?|möglichkeiten|schritten?|wegen?|dinge|fragen|punkte"
    r"|optionen|façons|étapes|choses|opciones|pasos|cosas|formas|opções|passos|opzioni|passi|modi|opties|stappen|manieren"
    r"|alternativ|sätt|saker|frågor|muligheder|måder|spørgsmål|sposob\w+|opcj\w+|krok\w+|možnosti|způsoby)\b"
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
    "nl": "één 1 twee 2 drie 3 vier 4 vijf 5 zes 6 zeven 7 acht 8 negen 9 tien 10 twaalf 12 veertien 14 vijftien 15 twintig 20 "
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
    "da": "to 2 tre 3 fire 4 fem 5 seks 6 syv 7 otte 8 ni 9 ti 10 tolv 12 fjorten 14 femten 15 tyve 20 tredive 30 fyrre 40 "
          "halvtreds 50 tres 60 halvfems 90 hundrede 100",
    "nb": "to 2 tre 3 fire 4 fem 5 seks 6 sju 7 syv 7 åtte 8 ni 9 ti 10 tolv 12 fjorten 14 femten 15 tjue 20 tretti 30 førti 40 "
          "femti 50 seksti 60 nitti 90 hundre 100",
    "cs": "dva 2 dvě 2 dvou 2 tři 3 tří 3 čtyři 4 čtyř 4 pět 5 pěti 5 šest 6 šesti 6 sedm 7 osm 8 devět 9 deset 10 deseti 10 "
          "dvanáct 12 čtrnáct 14 čtrnácti 14 patnáct 15 dvacet 20 třicet 30 třiceti 30 čtyřicet 40 padesát 50 šedesát 60 sto 100",
    "ar": "ثلاثة 3 ثلاث 3 أربعة 4 أربع 4 خمسة 5 خمس 5 ستة 6 ست 6 سبعة 7 سبع 7 ثمانية 8 ثماني 8 تسعة 9 تسع 9 عشرة 10 عشر 10 "
          "عشرون 20 عشرين 20 ثلاثون 30 ثلاثين 30 أربعون 40 أربعين 40 خمسون 50 خمسين 50 ستون 60 ستين 60 تسعون 90 تسعين 90",
}  # fmt: skip
NUMBER_WORDS = {
    language: dict(zip(words.split()[::2], map(float, words.split()[1::2]), strict=True))
    for language, words in WORDS.items()
}
NUMBER_WORDS["no"] = NUMBER_WORDS["nb"]  # as text/languages.py calls it
# "Within a week" is a promise; "once a week" and "have a day" are none.
A = re.compile(
    r"\b(?:within|in|after|takes?|than|about|nach|dans|sous|après|en|em|após|dentro de|después de|entro|dopo|binnen|na)[ \n]"
    r"(an?|une?|uma?|una|een|uno)(?=[ \n])"
)
# "Half an hour", "eine halbe Stunde", "mezz'ora": followed by a unit, it is a number.
HALF = re.compile(
    r"(?<![^\W_])(?:half an?|halbe[nmrs]?|demie?|medi[ao]|mei[ao]|mezz(?:['’]|a|o)|hal(?:f|ve)|halvt?|pół|půl|пол|yarım|نصف)"
)
