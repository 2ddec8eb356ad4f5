"""One spelling for all the ways in which papers and spreadsheets write the characters of a formula."""

import re
import unicodedata

DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃⁻\u00ad", "-")
BRACKETS = {**dict.fromkeys("[{（［｛〔【⟨〈「", "("), **dict.fromkeys("]}）］｝〕】⟩〉」", ")")}
DOTS = dict.fromkeys("·•∙⋅・‧●*×✕", "·")
SAME_LOOK = dict(zip("АВЕКМНОРСТХІаеосрхі", "ABEKMHOPCTXIaeocpxi", strict=True))
"""Cyrillic letters that look like Latin ones."""
GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
OTHER = {"⁄": "/", "∕": "/", "、": ",", "，": ",", "：": ":", "＋": "+", "％": "%", "﹪": "%", "~": " "}
ONE: dict[str, str] = DASHES | BRACKETS | DOTS | SAME_LOOK | GREEK | OTHER
TRANSLATED = str.maketrans(
    {each: plain for each, plain in ONE.items() if each != "⁻"}
    | dict.fromkeys("\u00a0\u2009\u202f\t", " ")
    | dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
)
"""Characters that have one meaning wherever they stand."""
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"

SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"
CHARGE = re.compile(
    rf"[{SUPERSCRIPT}]*[⁺⁻]+(?![{SUPERSCRIPT}])|\^\{{?\d*[+\-−–]\}}?|<sup>\s*\d*[+\-−–]\s*</sup>|[•′'’]+(?=$|\s)"
)
MARKUP = re.compile(
    r"</?\w+[^<>]*>|\\(?:mathrm|mathit|mathbf|text\w*|rm|ce|left|right|bf|it)\b\s*|\\[,;:! ]|[$_^]|(?<=-)-|(?<=[–—−])-"
)
COMMANDS = {
    r"\cdot": "·",
    r"\times": "·",
    r"\delta": "δ",
    r"\%": "%",
    r"\-": "-",
    "&ndash;": "-",
    "&mdash;": "-",
    "&minus;": "-",
    "&middot;": "·",
    "&nbsp;": " ",
    "&#8211;": "-",
    "&#8722;": "-",
    "&amp;": "&",
}
COMMAND = re.compile("|".join(map(re.escape, COMMANDS)))
PLAIN = re.compile(r"[ A-Za-z0-9.()+\-/%:,=;]*")


def spelled(text: str) -> tuple[str, list[int]]:
    """Return a formula in plain characters, and for each of them its place in ``text``.

    Subscripts, full-width characters and dashes of all kinds become plain ones, brackets round, charges and the
    commands of HTML and LaTeX are left out.

    >>> spelled("0,94Na₀,₅Bi₀,₅TiO₃–…"[:-1])[0]
    '0,94Na0,5Bi0,5TiO3-'
    """
    plain = text.translate(TRANSLATED)
    if PLAIN.fullmatch(plain) and "--" not in plain:
        places = list(range(len(text)))
    else:
        plain, places = _unified(text)
    return plain, places


def _unified(text: str) -> tuple[str, list[int]]:
    characters: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        if found := CHARGE.match(text, at):
            at = found.end()
            continue
        if found := COMMAND.match(text, at):
            characters.append(COMMANDS[found[0]])
            places.append(at)
            at = found.end()
            continue
        if found := MARKUP.match(text, at):
            at = found.end()
            continue
        for character in _plain(text[at]):
            characters.append(character)
            places.append(at)
        at += 1
    return "".join(characters), places


def _plain(character: str) -> str:
    if character in ONE:
        return ONE[character]
    if character in INVISIBLE:
        return ""
    if character.isspace():
        return " "
    return "".join(ONE.get(each, each) for each in unicodedata.normalize("NFKC", character))
