"""``remanence list [experiments | models | …]``: what can be chosen, one line each, in the words of each file."""

from collections.abc import Mapping, Sequence

from remanence.configuration.offers import Offer, asked_offer, offers
from remanence.configuration.search_path import KEY, check_folders, conf_folders
from remanence.errors import ConfigurationError

WIDEST = 28
"""Largest number of columns in which names are aligned; what is longer pushes its description to the right."""


def main(arguments: list[str]) -> int:
    """Print the groups with the numbers of their choices, or the choices of some groups."""
    words = [argument for argument in arguments if not argument.lstrip("+").startswith(f"{KEY}=")]
    folders = conf_folders(arguments)
    check_folders(folders)
    offered = offers(folders)
    chosen = offered if words == ["all"] else [_asked(word, offered) for word in words]
    if not chosen:
        print(summary(offered))
        print("\nremanence list models    # or any other of these; all for every one")
    for number, offer in enumerate(chosen):
        print(f"{chr(10) * (number > 0)}{offer.group}=…" + (f"   {offer.about}" if offer.about else ""))
        print(_table(offer.choices))
    return 0


def summary(offered: Sequence[Offer] | None = None) -> str:
    """Return a line for each group: its name in the plural, the number of its choices, and what it is."""
    shown = offers(conf_folders()) if offered is None else offered
    return _table({offer.title: _summary(offer) for offer in shown})


def _summary(offer: Offer) -> str:
    return f"{len(offer.choices):3}  {f'{offer.group}=…':16}  {offer.about}".rstrip()


def _asked(word: str, offered: Sequence[Offer]) -> Offer:
    found = asked_offer(word, offered)
    if found is None:
        from difflib import get_close_matches

        titles = [offer.title for offer in offered]
        close = get_close_matches(word, titles, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else f"; known: all, {', '.join(titles)}"
        raise ConfigurationError(f"list: nothing is called '{word}'{hint}")
    return found


def _table(lines: Mapping[str, str]) -> str:
    width = min(max(map(len, lines), default=0), WIDEST)
    return "\n".join(f"  {name:{width}}  {about}".rstrip() for name, about in lines.items())
