"""Words as a search compares them: folded, in ASCII, and by their stem.

Both engines store what these functions make, so that they read the same words alike.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator

import snowballstemmer
from django.utils.text import slugify

WORD = re.compile(r"[^\W_]+")
LONGEST = 40
# Shorter, a word is neither mended nor taken for the beginning of another.
SHORTEST = 3
_SMALL_FRENCH = """
    a ai aie as au aux avec avez avons c ce ces cet cette comme d dans de des du elle elles en es
    est et etes eu eux il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos
    notre nous on ont ou par pas pour qu que quel quelle quelles quels qui s sa sans se ses si son
    sont sous suis sur t ta te tes toi ton tu un une veut veux vos votre vous y
"""
_SMALL_ENGLISH = """
    a am an and are as at be by do does for from had has have he her his i in is it its me my of
    on or our s she so t that the their them they this to was we were what when where which who
    will with you your
"""
_SMALL = {
    "fr": frozenset(_SMALL_FRENCH.split()),
    "en": frozenset(_SMALL_ENGLISH.split()),
}
# What no ending tells: irregular plurals, verbs that change, one family in two spellings.
_SAME = {
    "travaux": "travail",
    "jeux": "jeu",
    "lieux": "lieu",
    "yeux": "oeil",
    "feux": "feu",
    "voeux": "voeu",
    "cheveux": "cheveu",
    "dors": "dormir",
    "dort": "dormir",
    "dorment": "dormir",
    "dormez": "dormir",
    "dormons": "dormir",
    "parlons": "parler",
    "aidons": "aider",
    "peut": "pouvoir",
    "peux": "pouvoir",
    "peuvent": "pouvoir",
    "veut": "vouloir",
    "veux": "vouloir",
    "veulent": "vouloir",
    "boit": "boire",
    "boivent": "boire",
    "anxiete": "anxieux",
    "anxietes": "anxieux",
    "psy": "psychologue",
    "psys": "psychologue",
    "inscrire": "inscription",
    "inscrit": "inscription",
    "inscrits": "inscription",
    "inscrivez": "inscription",
    "seul": "seul",
    "ados": "adolescent",
    "ado": "adolescent",
    "adolescence": "adolescent",
    "medical": "medecin",
    "medicaux": "medecin",
    "gratuitement": "gratuit",
    "gratuite": "gratuit",
    "gratuites": "gratuit",
    "velos": "velo",
}
_STEMMERS = {"fr": snowballstemmer.stemmer("french"), "en": snowballstemmer.stemmer("english")}
# The stemmers keep what they work on: one at a time.
_ONE_AT_A_TIME = threading.Lock()
_MOST_KEPT = 200_000
_stems: dict[tuple[str, str], str] = {}
_folded: dict[str, str] = {}


def small(word: str, language: str) -> bool:
    """Whether a folded word says too little to be looked for alone."""
    return word in _SMALL[language]


def fold(word: str) -> str:
    """A word without capitals and accents, in ASCII whatever its script."""
    known = _folded.get(word)
    if known is None:
        if len(_folded) >= _MOST_KEPT:
            _folded.clear()
        known = _folded[word] = _fold(word)
    return known


def _fold(word: str) -> str:
    plain = word.casefold().replace("œ", "oe").replace("æ", "ae")
    letters = [c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c)]
    return "".join(c if c.isascii() else f"u{ord(c):x}" for c in letters if c.isalnum())[:LONGEST]


def stem(folded: str, language: str) -> str:
    """What the forms of a word have in common."""
    key = (language, folded)
    known = _stems.get(key)
    if known is None:
        if len(_stems) >= _MOST_KEPT:
            _stems.clear()
        known = _stems[key] = _stem(folded, language)
    return known


def _stem(folded: str, language: str) -> str:
    if any(c.isdigit() for c in folded):
        return folded
    word = folded
    if language == "fr":
        word = _SAME.get(word, word)
        # « fatigué », « fatiguée », « fatiguées » end alike once their accents are gone.
        word = re.sub(r"(?<=[^e]e)es?$", "", word)
        # « sophrologue », « sophrologie »: who does it, and what it is.
        word = re.sub(r"olog(?:ue|ie|ique)s?$", "olog", word)
    with _ONE_AT_A_TIME:
        return str(_STEMMERS[language].stemWord(word)) or folded


def written(text: str) -> Iterator[str]:
    """The words of a text in their order, folded."""
    for found in WORD.finditer(text):
        if word := fold(found[0]):
            yield word


def stems(folded: list[str], language: str) -> list[str]:
    """The stems of words in their order, small words left out."""
    little = _SMALL[language]
    return [stem(word, language) for word in folded if word not in little]


def slug(text: str, length: int) -> str:
    """A text as an address: « L’école » is ``l-ecole``."""
    return slugify(re.sub("[’']", " ", text))[:length].strip("-")


_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_SIGNS = re.compile(r"[*_`~|#>]+|^\s*[-+]\s+|^\s*\d+\.\s+|\[\^?[^\]]*\]:.*$|-{3,}", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+)$", re.MULTILINE)
_BETWEEN = re.compile(r"\s+")


def plain_text(markdown: str) -> str:
    """Markdown as words to read: no sign, no address, one space."""
    return _BETWEEN.sub(" ", _SIGNS.sub(" ", _LINK.sub(r"\1", markdown))).strip()


def headings(markdown: str) -> str:
    """The headings of a Markdown text."""
    return " ".join(_HEADING.findall(markdown))
