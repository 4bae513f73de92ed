"""Recognises messages that ask nothing: thanks, and bare follow-ups such as "any news?". Pure.

A message is one only if all of its words are: "Thanks, but the card has not arrived" is a question. The lists have
words of seven languages.
"""

import re
import unicodedata
from enum import Enum

MOST_WORDS = 16
GOOD_SIGNS = "👍👌🙏❤♥😊🙂😀😃😄😁🥰😍🎉✅💯🤝👏💪⭐🌟☺🫶✌🤗😇🙌💙💚🧡💜"


JUST_YES = frozenset({"ok", "okay", "oké", "k", "yes", "vale", "alright"})
BEFORE_A_NAME = frozenset(
    {"thanks", "you", "thx", "cheers", "danke", "dank", "merci", "gracias", "grazie", "obrigado", "obrigada", "bedankt", "herr",
     "frau", "mr", "mrs", "ms"}
)  # fmt: skip


class Courtesy(Enum):
    THANKS = "thanks"
    FOLLOW_UP = "follow-up"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Makes a message thanks, or says that everything is settled.
THANKS = _set(
    """
    thanks thank thx ty tks cheers tysm appreciated appreciate solved resolved sorted works worked helped perfect great
    danke dank dankeschön dankeschoen merci geholfen gelöst geklappt funktioniert erledigt super perfekt klasse prima
    remercie parfait résolu resolu marche génial genial impeccable nickel
    gracias perfecto solucionado resuelto funciona ayudado genial excelente estupendo
    obrigado obrigada obg valeu perfeito resolvido funcionou ajudou ótimo otimo excelente agradeço agradecido agradecida
    grazie perfetto risolto funziona aiutato ottimo ringrazio
    bedankt dankjewel dankuwel opgelost werkt geholpen perfect geweldig
    """
)
# May stand beside it.
BESIDE_THANKS = {
    "en": _set(
        """
        a all again already amazing and at alright awesome best big bye cool day did do everything excellent
        fantastic fine for from goodbye good great guys have help hello helpful helping hey hi i is it its just mr mrs ms kind
        kindly let's lot lots love lovely man many me morning much my nice night now ok okay of oh once one problem
        problems question really received right see so support sure team that that's the then this to today too
        tonight totally up very was we weekend well wonderful worked works wow yes yep yeah you your yours quick fast
        reply response answer issue issued sir madam
        """
    ),
    "de": _set(
        """
        alles auch antwort auf bis bald besten das dann der die dir du ein es euch euer eure für fürs geht gern
        gut gute guten hallo hat herr frau hilfe herzlichen ich ihnen ihr ihre ist ja jetzt klar lieben liebe mir mal nachricht
        mein nochmal nochmals noch nun okay problem rasche schnell schnelle schnellen schon schönen schönes schöne
        sehr so soweit tag tausend team toll tolle tschüss und unterstützung uns vielen viele vielmals von wieder
        wirklich wochenende wunderbar wunderbare wurde zeit abend
        """
    ),
    "fr": _set(
        """
        à a au aussi aide avez bien beaucoup bonne bon bonjour bonsoir c'est c ça ca cela d de des encore est et fait
        journée infiniment je j l la le les mille m m'a ma m'avez maintenant merveilleux mon nous oui ok pour
        problème probleme que rapide rapidité réponse reponse soirée salut super t te toi tout toute tous très tres
        un une va vous vos votre week-end
        """
    ),
    "es": _set(
        """
        ahora al amable amables atención ayuda bien buen buena buenas buenos caso con de del dia día días días el en
        equipo era es esta está estupendo gracia ha hasta han hola la las le les lo los luego me mil mucha muchas
        muchísimas muy pronto por problema rapidez rápida que respuesta saludos si sí su sus tarde tardes te todo tu
        un una vale ya y
        """
    ),
    "pt": _set(
        """
        agora ajuda ao até atenção beleza boa bom com da de dia do e é está fim foi já logo mais me mesmo muita muito
        muitíssimo noite o oi olá pela pelo por problema que rápida rapidez resposta semana sim tá tarde tenha tudo
        um uma você vocês certo
        """
    ),
    "it": _set(
        """
        adesso aiuto al alla anche arrivederci bene buon buona buongiorno buonasera capito che ciao ci con del dell
        della di e è era giornata gentile gentilissimi ha ho il in la le lo l l'aiuto mi mille molte molto ok ora per
        perfettamente problema proprio rapida risposta sera si sì siete stato tante tanto tutto un una va vi voi
        """
    ),
    "nl": _set(
        """
        aan alvast alles allemaal antwoord avond bent dag dat de duidelijk en erg fijn fijne goed goede groeten hallo
        hartelijk heb hebt heeft heel het hoi hulp ik is ja je jij jou jullie klopt mij mijn mooi nog nu oké prima
        probleem reactie snel snelle super toch tot u uw van veel voor was weer wel weekend
        """
    ),
}
# Asks for an answer to what was asked before. A bare question mark does, too.
FOLLOW_UP = _set(
    """
    news update updates anybody anyone reply answer response respond there waiting status progress still yet hello hi hey
    bump ping
    neues neuigkeiten antwort jemand stand wartend warte hallo rückmeldung status update nachricht
    nouvelles nouvelle réponse reponse attends attente quelqu'un quelqu bonjour allô allo relance suivi
    novedad novedades noticias respuesta alguien esperando espero hola actualización estado
    novidade novidades notícias noticias resposta alguém alguem aguardando esperando olá oi atualização retorno
    novità notizie risposta qualcuno aspetto aspettando ciao aggiornamenti aggiornamento buongiorno
    nieuws antwoord iemand wacht wachten hallo update reactie
    """
)
BESIDE_FOLLOW_UP = {
    "en": _set(
        """
        a about again all already am an and any are been can could for from get got give has have here i i'm im in is
        it just me my now of ok on once one please received so some soon team that the this to today until up us was
        we when will with you your yet no not
        """
    ),
    "de": _set(
        """
        aber ab antworten auf bekomme bekommen bereits bitte da das dem den der die eine einen ein er es etwas gibt
        gibt's gibts haben habe ich ihr ihnen immer in ist kann kommt können mal mir noch nochmal nun schon sie uns
        und von warten wann was wie wird zu auf dazu guten tag
        """
    ),
    "fr": _set(
        """
        a à au aucune avez avoir bonsoir ce d de des du en encore est et eu il j j'attends je la le les ma me moi mon
        mes pas plaît plait quand que s'il s si svp t te toujours tu un une vous votre y y'a ya t-il jour avez-vous
        """
    ),
    "es": _set(
        """
        a ahí al algo alguna algún aún con cuándo cuando de del el en es está esta están estoy favor ha han hay he la
        las lo los me mi mis no nos para por que qué sabe se si sigo sobre su tiene tienen todavía una un ya
        """
    ),
    "pt": _set(
        """
        a ainda alguma algo aí ai as com cadê da de do e em está esta estão estou favor já há me meu minha não nao no
        o os para por quando que sobre tem têm tenho um uma vocês você
        """
    ),
    "it": _set(
        """
        a ancora avete che ci c'è c con da dei del di e è favore ho il in la le lo mi mia mio non per qualche quando
        sono sto su sulla tuo una un vi
        """
    ),
    "nl": _set(
        """
        aan al alstublieft alsjeblieft de dag een en er goede hebben heb hebt het hoe ik is iets je jullie kan kunt
        mijn nog of op over steeds u van voor wanneer was wat
        """
    ),
}


def courtesy(text: str) -> Courtesy | None:
    """THANKS needs no reply. FOLLOW_UP asks for the answer to an earlier message. None: anything else."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    tokens = [word for part in re.split(r"[^\w'?？؟-]+", folded) if (word := part.strip("'-_"))]
    asks = any("?" in token or "？" in token or "؟" in token for token in tokens)
    words = [word for token in tokens if (word := token.strip("?？؟'-"))]
    if not words:
        return Courtesy.FOLLOW_UP if asks else Courtesy.THANKS if _is_good_sign(text) else None
    if len(words) > MOST_WORDS:
        return None
    if not asks and (set(words) <= JUST_YES or _all_in(words, THANKS, BESIDE_THANKS, name=text)):
        return Courtesy.THANKS
    return Courtesy.FOLLOW_UP if _all_in(words, FOLLOW_UP, BESIDE_FOLLOW_UP) else None


def _all_in(
    words: list[str], makes: frozenset[str], beside: dict[str, frozenset[str]], *, name: str = ""
) -> bool:
    """At least one word that makes the message one, and for the rest words of one language. name: the text, whose last word may
    be a name after thanks: "Thanks Anna!".
    """
    if not any(word in makes for word in words):
        return False
    for known in beside.values():
        unknown = [word for word in words if word not in makes and word not in known]
        if not unknown or (unknown == words[-1:] and len(words) <= 4 and _is_name(words, name)):
            return True
    return False


def _is_name(words: list[str], text: str) -> bool:
    last = re.escape(words[-1].capitalize())
    return len(words) > 1 and words[-2] in BEFORE_A_NAME and bool(re.search(rf"\b{last}\W*$", text))


def _is_good_sign(text: str) -> bool:
    """Nothing but signs, among them one that says yes or thanks."""
    return any(sign in GOOD_SIGNS for sign in text)
