"""Replies for the support check in Danish, Norwegian, Czech, Russian, Turkish and Arabic: numbers, amounts, links, days.

As support_cases_abroad.py. Written before the check was tried on them.
"""

ARTICLES = {
    "da": (
        "Du kan returnere en vare inden for 30 dage. Pengene er på din konto inden for fem hverdage. Returen koster 49 kr. og er "
        "gratis fra 500 kr. Begynd på https://acme.example/retur eller skriv til retur@acme.example. Vi svarer mandag til fredag "
        "fra kl. 9.00 til 17.00 på +45 33 12 34 56. Lukket den 5. juni."
    ),
    "nb": (
        "Du kan returnere en vare innen 30 dager. Pengene er på kontoen din innen fem virkedager. Returen koster 49 kr og er "
        "gratis fra 500 kr. Begynn på https://acme.example/retur eller skriv til retur@acme.example. Vi svarer mandag til fredag "
        "fra kl. 9.00 til 17.00 på +47 22 12 34 56. Stengt 17. mai."
    ),
    "cs": (
        "Zboží můžete vrátit do 30 dnů. Peníze dostanete do pěti pracovních dnů. Vrácení stojí 99 Kč a od 1 500 Kč je zdarma. "
        "Začněte na https://acme.example/vraceni nebo napište na vraceni@acme.example. Odpovídáme od pondělí do pátku, "
        "9:00-17:00, na čísle +420 222 123 456. Zavřeno 28. října."
    ),
    "ru": (
        "Вернуть товар можно в течение 30 дней. Деньги придут за пять рабочих дней. Возврат стоит 299 рублей, от 3 000 рублей он "
        "бесплатный. Начните на https://acme.example/vozvrat или напишите на vozvrat@acme.example. Мы отвечаем с понедельника по "
        "пятницу, с 9:00 до 17:00, по телефону +7 495 123-45-67. Закрыто 9 мая."
    ),
    "tr": (
        "Bir ürünü 30 gün içinde iade edebilirsiniz. Paranız beş iş günü içinde hesabınıza geçer. İade ücreti 49,90 TL'dir, 500 "
        "TL üzerinde ücretsizdir. https://acme.example/iade adresinden başlayın veya iade@acme.example adresine yazın. Pazartesi "
        "ile cuma arası 9:00-17:00 saatlerinde +90 212 123 45 67 numarasındayız. 29 Ekim'de kapalıyız."
    ),
    "ar": (
        "يمكنك إرجاع المنتج خلال 30 يوما. يصل المبلغ خلال خمسة أيام عمل. تكلفة الإرجاع 5 USD ومجانا من 50 USD. ابدأ من "
        "https://acme.example/irjaa أو اكتب إلى irjaa@acme.example. نجيب من الأحد إلى الخميس من 9:00 إلى 17:00 على الرقم "
        "+966 11 123 4567. نغلق يوم 23 سبتمبر."
    ),
}  # fmt: skip
ASKED = {
    "da": "Hej, hvordan kan jeg returnere mine sko?", "nb": "Hei, hvordan kan jeg returnere skoene mine?",
    "cs": "Dobrý den, jak mohu vrátit boty?", "ru": "Здравствуйте, как мне вернуть обувь?",
    "tr": "Merhaba, ayakkabılarımı nasıl iade edebilirim?", "ar": "مرحبا، كيف يمكنني إرجاع الحذاء؟",
}  # fmt: skip

# (language, the reply, the facts that have no source)
UNSUPPORTED = [
    ("da", "Du kan returnere dem inden for 90 dage.", ["90 dage"]),
    ("da", "Du har tre uger til at sende dem tilbage.", ["tre uger"]),
    ("da", "Returen koster 79 kr.", ["79 kr"]),
    ("da", "Vi trækker ti procent fra prisen.", ["ti procent"]),
    ("da", "Begynd på https://acme.example/bytte.", ["https://acme.example/bytte"]),
    ("da", "Vi svarer også om lørdagen, hver lørdag.", ["lørdag"]),
    ("da", "Lukket den 24. december.", ["24. december"]),
    ("nb", "Du kan returnere dem innen 90 dager.", ["90 dager"]),
    ("nb", "Du har tre uker på deg.", ["tre uker"]),
    ("nb", "Returen koster 79 kroner.", ["79 kroner"]),
    ("nb", "Vi trekker fra 20 prosent.", ["20 prosent"]),
    ("nb", "Skriv til bytte@acme.example.", ["bytte@acme.example"]),
    ("nb", "Vi svarer også på søndag.", ["søndag"]),
    ("nb", "Stengt 24. desember.", ["24. desember"]),
    ("cs", "Zboží můžete vrátit do 90 dnů.", ["90 dnů"]),
    ("cs", "Na vrácení máte šest týdnů.", ["šest týdnů"]),
    ("cs", "Vrácení stojí 149 Kč.", ["149 kč"]),
    ("cs", "Strhneme 15 % z ceny.", ["15 %"]),
    ("cs", "Začněte na https://acme.example/vymena.", ["https://acme.example/vymena"]),
    ("cs", "Odpovídáme také v sobotu.", ["sobotu"]),
    ("cs", "Zavřeno 24. prosince.", ["24. prosince"]),
    ("cs", "Zavoláme vám zítra.", ["zítra"]),
    ("ru", "Вернуть товар можно в течение 90 дней.", ["90 дней"]),
    ("ru", "На возврат у вас шесть недель.", ["шесть недель"]),
    ("ru", "Возврат стоит 499 рублей.", ["499 рублей"]),
    ("ru", "Мы удержим десять процентов цены.", ["десять процентов"]),
    ("ru", "Начните на https://acme.example/obmen.", ["https://acme.example/obmen"]),
    ("ru", "Мы отвечаем и в субботу.", ["субботу"]),
    ("ru", "Закрыто 12 июня.", ["12 июня"]),
    ("ru", "Мы позвоним вам завтра.", ["завтра"]),
    ("tr", "Ürünü 90 gün içinde iade edebilirsiniz.", ["90 gün"]),
    ("tr", "İade için altı hafta süreniz var.", ["altı hafta"]),
    ("tr", "İade ücreti 79,90 TL.", ["79,90 tl"]),
    ("tr", "https://acme.example/degisim adresinden başlayın.", ["https://acme.example/degisim"]),
    ("tr", "Ayrıca cumartesi günü de buradayız.", ["cumartesi"]),
    ("tr", "23 Nisan'da kapalıyız.", ["23 nisan"]),
    ("tr", "Sizi yarın ararız.", ["yarın"]),
    ("ar", "يمكنك إرجاع المنتج خلال 90 يوما.", ["90 يوما"]),
    ("ar", "لديك ستة أسابيع للإرجاع.", ["ستة أسابيع"]),
    ("ar", "تكلفة الإرجاع 9 USD.", ["9 usd"]),
    ("ar", "نخصم 15٪ من السعر.", ["15٪"]),
    ("ar", "ابدأ من https://acme.example/tabdil.", ["https://acme.example/tabdil"]),
    ("ar", "نجيب أيضا يوم السبت.", ["السبت"]),
    ("ar", "يصل المبلغ غدا.", ["غدا"]),
]  # fmt: skip

# (language, a reply whose facts all have a source)
SUPPORTED = [
    ("da", "Du kan returnere dem inden for tredive dage."),
    ("da", "Pengene kommer inden for 5 hverdage."),
    ("da", "Returen koster 49 kroner, gratis fra 500 kroner."),
    ("da", "Vi svarer mandag til fredag fra 9 til 17."),
    ("da", "Lukket den 5. juni."),
    ("da", "Der er to muligheder: send dem eller kom forbi."),
    ("nb", "Du kan returnere dem innen tretti dager."),
    ("nb", "Pengene kommer innen 5 virkedager."),
    ("nb", "Returen koster 49 kroner, gratis fra 500 kroner."),
    ("nb", "Vi svarer mandag til fredag fra 9 til 17."),
    ("nb", "Stengt 17. mai."),
    ("cs", "Zboží můžete vrátit do třiceti dnů."),
    ("cs", "Peníze dostanete do 5 pracovních dnů."),
    ("cs", "Stojí to 99 korun, od 1500 Kč nic."),
    ("cs", "Odpovídáme od pondělí do pátku od 9:00 do 17:00."),
    ("cs", "Zavřeno 28. října."),
    ("cs", "Jsou dvě možnosti: poslat je, nebo přinést."),
    ("ru", "Вернуть товар можно в течение тридцати дней."),
    ("ru", "Деньги придут за 5 рабочих дней."),
    ("ru", "Возврат стоит 299 руб., от 3000 рублей ничего."),
    ("ru", "Мы отвечаем с понедельника по пятницу с 9 до 17."),
    ("ru", "Закрыто 9 мая."),
    ("tr", "Ürünü otuz gün içinde iade edebilirsiniz."),
    ("tr", "Paranız 5 iş günü içinde gelir."),
    ("tr", "İade 49,90 TL, 500 TL üzerinde ücretsiz."),
    ("tr", "Pazartesi ile cuma arası 9:00 ile 17:00 arasında buradayız."),
    ("tr", "29 Ekim'de kapalıyız."),
    ("ar", "يمكنك إرجاع المنتج خلال ثلاثين يوما."),
    ("ar", "يصل المبلغ خلال 5 أيام عمل."),
    ("ar", "التكلفة 5 USD، ومجانا من 50 USD."),
    ("ar", "نجيب من الأحد إلى الخميس من 9:00 إلى 17:00."),
    ("ar", "نغلق يوم 23 سبتمبر."),
]  # fmt: skip
