"""Simulated reviewers: they correct wrong facts of articles, and do everything else that reviewers do to a reply."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from knowledge.learning.lessons import Decision, Text

# language, sentence with {0} for a fact, what it may say. The first and the second are said to be wrong and right in turn.
SENTENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("en", "We refund within {0} after the parcel has reached us.",
     ("five working days", "seven working days", "10 days", "2 weeks")),
    ("en", "The reset link is valid for {0}, then you have to ask again.", ("30 minutes", "two hours", "45 minutes", "one hour")),
    ("en", "Shipping to Austria costs {0} for parcels of up to ten kilos.", ("€4.90", "€6.90", "8,50 EUR", "€12")),
    ("en", "You find the form at {0} and can send it at any time.",
     ("https://shop.example/returns", "https://shop.example/rma", "https://help.example/form")),
    ("en", "Please write to {0} and name the article.", ("help@shop.example", "support@shop.example", "care@shop.example")),
    ("en", "Our hotline is open from {0} to 17:00 on weekdays.", ("8:00", "9:00", "10:00")),
    ("en", "The sale ends on {0} in all our shops.", ("3 December", "10 December", "24 December")),
    ("en", "Gift cards get a discount of {0} on the first order.", ("5 %", "10 %", "15 %")),
    ("en", "You can change this in your account under {0}, at the bottom of the page.", ("Billing", "Payments", "Privacy")),
    ("en", "Our shops are closed every {0} in summer.", ("Sunday", "Monday", "Wednesday")),
    ("de", "Wir erstatten innerhalb von {0} nach Eingang des Pakets.",
     ("fünf Werktagen", "sieben Werktagen", "10 Tagen", "zwei Wochen")),
    ("de", "Der Versand nach Österreich kostet {0} je Sendung.", ("4,90 €", "6,90 €", "12 Euro")),
    ("de", "Das Formular finden Sie unter {0} in Ihrem Konto.", ("www.laden.example/rueckgabe", "www.laden.example/retoure")),
    ("de", "Wir sind bis {0} für Sie am Telefon.", ("17 Uhr", "18 Uhr", "20 Uhr")),
    ("de", "Die Aktion endet am {0} in allen Filialen.", ("3. Dezember", "10. Dezember", "24.12.2026")),
    ("es", "El reembolso llega a su cuenta en {0} hábiles como máximo.", ("cinco días", "siete días", "10 días")),
    ("es", "El envío a Portugal cuesta {0} por paquete.", ("4,90 €", "6,90 €", "9 euros")),
    ("fr", "Le remboursement arrive sous {0} ouvrés sur votre compte.", ("cinq jours", "sept jours", "10 jours")),
    ("pt", "O reembolso chega à sua conta em {0} úteis.", ("cinco dias", "sete dias", "10 dias")),
    ("it", "Il rimborso arriva entro {0} lavorativi sul suo conto.", ("cinque giorni", "sette giorni", "10 giorni")),
    ("nl", "U krijgt uw geld binnen {0} terug op uw rekening.", ("vijf dagen", "zeven dagen", "10 dagen")),
    ("pl", "Zwrot pieniędzy otrzymasz w ciągu {0} roboczych na konto.", ("5 dni", "7 dni", "dziesięciu dni")),
    ("ru", "Мы вернём деньги в течение {0} рабочих дней на вашу карту.", ("пяти", "семи", "10")),
    ("ar", "نعيد المبلغ خلال {0} أيام عمل إلى بطاقتك.", ("خمسة", "سبعة", "10")),
    ("ja", "返金はお荷物の到着後{0}以内にお支払い方法へ行います。", ("5日", "7日", "14日")),
    ("zh", "我们会在收到包裹后{0}内将款项退回您的账户。", ("5天", "7天", "15天")),
)  # fmt: skip
FILLER = {
    "en": ("Your account page shows how far it is.", "If nothing arrives, please look in the spam folder.",
        "We need the order number for that.",
           "You need not send anything back.", "Parcels leave our warehouse on the same day."),
    "de": ("Den Stand sehen Sie jederzeit in Ihrem Konto.", "Falls nichts ankommt, sehen Sie bitte im Spam-Ordner nach.",
        "Dafür brauchen wir die Bestellnummer."),
    "es": ("Puede ver el estado en su cuenta.", "Si no llega nada, mire en la carpeta de spam."),
    "fr": ("Vous voyez l'état dans votre compte.", "Si rien n'arrive, regardez dans le dossier spam."),
    "pt": ("Pode ver o estado na sua conta.", "Se nada chegar, veja a pasta de spam."),
    "it": ("Vede lo stato nel suo conto.", "Se non arriva nulla, guardi nella cartella spam."),
    "nl": ("U ziet de status in uw account.", "Komt er niets aan, kijk dan in de spammap."),
    "pl": ("Status widać na koncie.", "Jeśli nic nie przyjdzie, sprawdź folder spam."),
    "ru": ("Статус виден в вашем кабинете.", "Если ничего не придёт, проверьте папку спам."),
    "ar": ("يمكنك رؤية الحالة في حسابك.", "إذا لم يصل شيء فانظر في مجلد الرسائل غير المرغوبة."),
    "ja": ("状況はアカウントでご確認いただけます。", "届かない場合は迷惑メールをご確認ください。"),
    "zh": ("您可以在账户中查看进度。", "如果没有收到，请查看垃圾邮件。"),
}  # fmt: skip
TONE = ("Thank you for your patience.", "I am sorry for the trouble.", "You will hear from us by Friday.",
    "Just answer this mail if anything is unclear.",
        "I have looked into your account myself.")  # fmt: skip
SOFTER = (
    ("Please", "Kindly"),
    ("You can", "You may"),
    ("We need", "We would need"),
    ("shows", "always shows"),
)
ELSEWHERE = "Ich habe das an die Kollegin weitergegeben, die sich darum kümmert. Sie meldet sich heute noch bei Ihnen."
NAMES = ("Ann Lee", "Bo Ek", "Cy Dahl", "Di Marsh", "Ed Novak")


@dataclass(frozen=True)
class Wrong:
    """What reviewers know better: the sentence as it should be."""

    article: int
    was: str
    now: str


@dataclass(frozen=True)
class Desk:
    decisions: list[Decision]
    bodies: dict[int, str]
    wrong: list[Wrong]


def desk(
    seed: int, *, articles: int = 60, decisions: int = 40, reviewers: int = 5, customers: int = 900, corrects: float = 0.6,
    share_wrong: float = 0.6, now: datetime,
) -> Desk:  # fmt: skip
    """decisions: an article, on average. corrects: how often a wrong fact is corrected by somebody who sees it."""
    dice = random.Random(seed)
    texts, wrong = {}, []
    for number in range(1, articles + 1):
        texts[number], found = _article(number, dice, share_wrong)
        wrong += found
    rows: list[Decision] = []
    for number, text in texts.items():
        for _ in range(dice.randint(decisions // 2, decisions * 3 // 2)):
            mine = [one for one in wrong if one.article == number]
            rows.append(_decision(len(rows) + 1, text, mine, dice, reviewers, customers, corrects, now))
    dice.shuffle(rows)
    return Desk(rows, {number: text.live for number, text in texts.items()}, wrong)


def _article(number: int, dice: random.Random, share_wrong: float) -> tuple[Text, list[Wrong]]:
    language = dice.choice(["en", "en", "en", *sorted({one[0] for one in SENTENCES})])
    own = [one for one in SENTENCES if one[0] == language]
    lines, wrong = list(dice.sample(FILLER[language], 2)), []
    for _, sentence, said in dice.sample(own, min(len(own), dice.choice((1, 2, 3)))):
        was, right = dice.sample(said, 2)
        line = sentence.format(was)
        lines.append(line)
        if dice.random() < share_wrong:
            wrong.append(Wrong(number, line, sentence.format(right)))
    dice.shuffle(lines)
    body = ("" if language in ("ja", "zh") else " ").join(lines)
    return Text(number, body, body, language), wrong


def _decision(
    signal: int, text: Text, wrong: list[Wrong], dice: random.Random, reviewers: int, customers: int, corrects: float,
    now: datetime,
) -> Decision:  # fmt: skip
    customer, name = dice.randrange(customers), dice.choice(NAMES)
    greeting, closing = (
        f"Hi {name.split()[0]},\n\nthank you for writing to us.\n\n",
        "\n\nKind regards\nSupport",
    )
    body = text.live
    for one in wrong:
        if dice.random() < corrects:
            body = body.replace(one.was, one.now)
    body = _noisy(body, text.language, dice)
    return Decision(
        signal=signal, customer=customer, person=dice.choices(range(reviewers), range(reviewers, 0, -1))[0],
        at=now - timedelta(days=dice.uniform(0, 80)), question=f"I am {name}, order {dice.randint(10_000, 99_999)}.",
        proposal=greeting + text.live + closing, final=greeting + body + closing, texts=(text,), names=(name,),
    )  # fmt: skip


def _noisy(body: str, language: str, dice: random.Random) -> str:
    """Tone, an order number, another day for this customer, a slip, another order, another language."""
    lines = [line for line in body.replace("。", "。\n").replace(". ", ".\n").split("\n") if line]
    gap = "" if language in ("ja", "zh") else " "
    if dice.random() < 0.35:
        lines.insert(dice.choice((0, len(lines))), dice.choice(TONE))
    if dice.random() < 0.2:
        lines = [_softer(line, dice) for line in lines]
    if dice.random() < 0.15:
        lines.append(f"Your order {dice.randint(10_000, 99_999)} leaves on {dice.randint(1, 28)} December.")
    if dice.random() < 0.1:  # as a favour to this one
        at = dice.randrange(len(lines))
        lines[at] = _other_numbers(lines[at], dice)
    if dice.random() < 0.1:
        lines[dice.randrange(len(lines))] += " "
        lines = [_slip(line, dice) for line in lines]
    if dice.random() < 0.15:
        dice.shuffle(lines)
    if dice.random() < 0.05 and language != "de":
        return ELSEWHERE
    if dice.random() < 0.1 and len(lines) > 2:
        lines.pop(dice.randrange(len(lines)))
    return gap.join(lines)


def _softer(line: str, dice: random.Random) -> str:
    was, now = dice.choice(SOFTER)
    return line.replace(was, now)


def _other_numbers(line: str, dice: random.Random) -> str:
    return "".join(
        str(dice.randint(1, 9)) if letter.isascii() and letter.isdigit() else letter for letter in line
    )


def _slip(line: str, dice: random.Random) -> str:
    at = dice.randrange(len(line))
    return line[:at] + line[at + 1 :] if line[at].isalpha() and dice.random() < 0.3 else line


def shuffled(rows: list[Decision], *, seed: int) -> list[Decision]:
    """Each decision with another one's final text: nobody corrected what the drafts said."""
    finals = [row.final for row in rows]
    random.Random(seed).shuffle(finals)
    return [replace(row, final=final) for row, final in zip(rows, finals, strict=True)]
