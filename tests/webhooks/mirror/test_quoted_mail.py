"""Which lines of a mail its writer wrote, and which repeat an earlier one."""

import time

import pytest

from webhooks.mirror import quoted_mail

OURS = "> You can return anything within 30 days.\n> Please send us your order number."
HEADERS = (
    "On Mon, Nov 23, 2026 at 9:00 AM Support <support@example.com> wrote:",
    "Am 23.11.2026 um 09:00 schrieb Support <support@example.com>:",
    "Le lun. 23 nov. 2026 à 09:00, Support <support@example.com> a écrit :",
    "El lun, 23 nov 2026 a las 9:00, Support (<support@example.com>) escribió:",
    "Em seg., 23 de nov. de 2026 às 09:00, Support <support@example.com> escreveu:",
    "Il giorno lun 23 nov 2026 alle ore 09:00 Support <support@example.com> ha scritto:",
    "Op ma 23 nov 2026 om 09:00 schreef Support <support@example.com>:",
    "On Mon, Nov 23, 2026 at 9:00 AM Support Team\n<support@example.com>\nwrote:",
    "pon., 23 lis 2026 o 09:00 Support <support@example.com> napisał(a):",
    "pon., 23 lis 2026 o 09:00 Support\n<support@example.com> napisał(a):",
    "пн, 23 нояб. 2026 г. в 09:00, Support <support@example.com>:",
    "Support <support@example.com>, 23 Kas 2026 Pzt, 09:00 tarihinde şunu yazdı:",
    "2026年11月23日(月) 9:00 Support <support@example.com>:",
    "Support <support@example.com> 于2026年11月23日周一 09:00写道：",
    "ma 23. marrask. 2026 klo 9.00 Support (support@example.com) kirjoitti:",
    "2026년 11월 23일 (월) 오전 9:00, Support <support@example.com>님이 작성:",
)
WITHOUT_ADDRESS = (
    "23 нояб. 2026 г., 09:00 Support написал:",
    "23.11.2026, 09:00, Support пишет:",
    "Понедельник, 23 ноября 2026, 9:00 +03:00 от Support\nнаписал(а):",
    "pon., 23 lis 2026 o 09:00 Support napisała:",
    "po 23. 11. 2026 v 9:00 odesílatel Support napsal:",
    "23 Kas 2026 Pzt, 09:00 tarihinde Support şunu yazdı:",
    "Support 于2026年11月23日周一 09:00写道：",
    "ma 23. marrask. 2026 klo 9.00 Support kirjoitti:",
    "Support ezt írta (időpont: 2026. nov. 23., H, 9:00), és írta:",
    "2026. 11. 23. 09:00, Support님이 작성:",
    "Στις Δευ 23 Νοε 2026 στις 9:00 π.μ., Support έγραψε:",
)
ONLY_ABOVE_MARKS = (
    "пн, 23 нояб. 2026 г. в 09:00, Support:",
    "2026年11月23日(月) 9:00 Support:",
    "Support (23.11.2026 09:00):",
)
BLOCKS = (
    "From: Support <support@example.com>\nSent: Monday, 23 November 2026 09:00\nTo: Eve\nSubject: Your order",
    "Von: Support <support@example.com>\nGesendet: Montag, 23. November 2026 09:00\nAn: Eve\nBetreff: Ihre Bestellung",
    "De : Support <support@example.com>\nEnvoyé : lundi 23 novembre 2026 09:00\nÀ : Eve\nObjet : Commande",
    "-----Original Message-----\nFrom: Support",
    "De: Support <support@example.com>\nEnviada em: segunda-feira\nPara: Eva\nAssunto: Pedido",
    "Od: Support <support@example.com>\nWysłano: poniedziałek\nDo: Eva\nTemat: Zamówienie",
    "Från: Support <support@example.com>\nSkickat: måndag\nTill: Eva\nÄmne: Order",
    "От: Support <support@example.com>\nОтправлено: 23 ноября\nКому: Eva\nТема: Заказ",
    "Kimden: Support <support@example.com>\nGönderildi: Pazartesi\nKime: Eva\nKonu: Sipariş",
    "发件人: Support <support@example.com>\n发送时间: 2026年\n收件人: Eva\n主题: x",
    "-----元のメッセージ-----\n差出人: Support <support@example.com>\n送信日時: 2026年\n件名: x",
    "________________________________\nFrom: Support <support@example.com>\nSent: Monday\nSubject: Your order",
)  # fmt: skip


@pytest.mark.parametrize("header", HEADERS + WITHOUT_ADDRESS + ONLY_ABOVE_MARKS)
def test_what_stands_below_a_header_with_marks_is_quoted(header):
    assert quoted_mail.own(f"Thanks, that solved it!\n\n{header}\n{OURS}") == "Thanks, that solved it!"


@pytest.mark.parametrize("header", HEADERS + WITHOUT_ADDRESS + BLOCKS)
def test_a_repeated_mail_without_marks_runs_to_the_end(header):
    text = f"Thanks, that solved it!\n\n{header}\n\nYou can return anything within 30 days."

    assert quoted_mail.own(text) == "Thanks, that solved it!"


def test_answers_between_quoted_lines_are_the_writers():
    text = f"{HEADERS[0]}\n> Which colour?\n\nBlue, please.\n\n> And which size?\n\nXL.\n\n> Best regards,\n> Support"

    assert quoted_mail.own(text) == "Blue, please.\n\nXL."
    assert [part.quoted for part in quoted_mail.split(text)] == [True, False, True, False, True]


def test_words_below_marked_lines_are_the_writers():
    assert quoted_mail.own(f"{OURS}\n\nIt is 4711.") == "It is 4711."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday your colleague wrote: the parcel is on its way. It is not.",
        "From: Berlin\nI want to go to Paris.",
        "Hello,\nFrom: Berlin\nTo: Paris\nDate: 23 Nov 2026\nWhat does it cost?",
        "I wrote on 23.11.2026 at 9:00 to these:\nSupport, Sales",
        "Я напишу 23.11.2026 в 9:00 вот это:\nЗаказ",
        "On 23.11.2026 at 9:00 I need these:\n\nred, blue",
        "--- My order ---\nFrom: the shop\nWhere is it?",
        "__________\nMy name is Eve.",
        "Two things:\n-- first\n-- second",
        "On 23 Nov 2026 at 9:00 I wrote to you and nobody answered. Please call me.",
        "Von: wem ist die Rechnung?",
    ],
)
def test_prose_that_looks_like_a_header_is_the_writers(text):
    assert quoted_mail.own(text) == text


@pytest.mark.parametrize(("rest", "written"), [("> theirs\n", "mine"), ("mine\n", "mine")])
def test_in_a_text_of_very_many_lines_the_last_ones_are_as_the_first_of_them(rest, written):
    text = "mine\n" + rest * quoted_mail.MOST_LINES

    assert set(quoted_mail.own(text).split("\n")) == {written}
    assert "".join(part.text for part in quoted_mail.split(text)).replace("\n", "") == text.replace("\n", "")


@pytest.mark.parametrize("text", [OURS, f"{HEADERS[0]}\n{OURS}", ""])
def test_where_nothing_else_is_left_the_text_stays(text):
    assert quoted_mail.own(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "_" * 149_000,
        "On 2026 " * 18_000,
        "> " * 70_000,
        "\n" * 149_000,
        "On 1:00 a@b\n" * 12_000,
        "From: x\n" * 18_000,
        "a:\n" * 50_000,
        "a\n> a\n" * 24_800,
        "2026 9:00 <a@b.c>:\n" * 7_800,
        "2026 9:00 wrote:\n" * 8_000,
        "a:\n>\n" * 24_000,
    ],
)
def test_time_grows_with_the_length_alone(text):
    began = time.process_time()

    quoted_mail.split(text)

    assert time.process_time() - began < 0.5
