"""``remanence completion bash | zsh | fish``: the script with which a shell completes, and its answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from remanence.errors import ConfigurationError
from remanence.verbs.manual import FILES, MANUALS

SHELLS = ("bash", "zsh", "fish")
SCRIPTS = Path(__file__).parent / "completions"
COMPOSED = ("train", "repeat", "explain")
"""Verbs whose arguments are overrides of the configuration."""
READING = ("evaluate", "predict", "watch")
"""Verbs that take keys of ``data`` beside their own."""
ANY_DATA = ("data=*", "model=*")
"""Stands for the words of a command that does not say which data a run was trained on."""


def main(arguments: list[str]) -> int:
    """Print the script of a shell, or what the last word of a command line can become."""
    if arguments[:1] == ["answer"]:
        shell, *words = arguments[1:]
        for candidate, about in answer(words or [""]).items():
            print(candidate if shell == "bash" or not about else f"{candidate}\t{about}")
        return 0
    if len(arguments) != 1 or arguments[0] not in SHELLS:
        given = f", got '{' '.join(arguments)}'" if arguments else ""
        raise ConfigurationError(f"completion: expected one of {', '.join(SHELLS)}{given}")
    print((SCRIPTS / f"remanence.{arguments[0]}").read_text(encoding="utf-8"), end="")
    return 0


def answer(words: Sequence[str]) -> Mapping[str, str]:
    """Return what the last of the words behind the name of the program can become, and what each is.

    Args:
        words: words of the command line, the last of which is being typed and may be empty.
    """
    *typed, current = words
    current = current.lstrip("'\"")
    if not typed:
        from remanence.verbs.cli import VERBS

        return {verb: about for verb, (_, about) in VERBS.items() if verb.startswith(current)}
    verb = typed[0]
    if verb not in MANUALS:
        return {}
    found = _own(verb, typed[1:], current)
    if verb in COMPOSED:
        found |= _overrides(verb, typed[1:], current)
    elif verb in READING and current.startswith("data."):
        found |= _overrides("train", ANY_DATA, current)
    elif verb == "list":
        found |= _titles(typed[1:], current)
    return found


def _own(verb: str, typed: Sequence[str], current: str) -> dict[str, str]:
    """Return words and keys of the verb's manual; behind ``=``, the files of a key that names one."""
    manual, (key, equals, value) = MANUALS[verb], current.partition("=")
    if equals and key in FILES and key in manual.keys:
        from remanence.configuration.completing import file_candidates

        return file_candidates(f"{key}=", value)
    words = {word.split(" ")[0].split("=<")[0] + "=" * ("=<" in word): said for word, said in manual.words.items()}
    keys = {f"{key}=": said for key, said in manual.keys.items()} if verb != "train" else {}
    offered = {name: said for name, said in (words | keys | {"--help": "what it takes"}).items() if "<" not in name}
    given = {word.partition("=")[0] for word in typed}
    return {
        name: said
        for name, said in offered.items()
        if name.startswith(current) and (current or not name.startswith("-")) and name.rstrip("=") not in given
    }


def _overrides(verb: str, typed: Sequence[str], current: str) -> dict[str, str]:
    from remanence.configuration.completing import key_candidates, override_candidates
    from remanence.configuration.completion_index import completion_index
    from remanence.configuration.search_path import conf_folders

    index = completion_index([folder for folder in conf_folders(typed) if folder.is_dir()])
    names_key = verb == "explain" and all("=" in word for word in typed) and "=" not in current
    return (key_candidates if names_key else override_candidates)(index, typed, current)


def _titles(typed: Sequence[str], current: str) -> dict[str, str]:
    from remanence.configuration.offers import offers
    from remanence.configuration.search_path import conf_folders

    offered = offers([folder for folder in conf_folders(typed) if folder.is_dir()])
    return {offer.title: offer.about for offer in offered if offer.title.startswith(current)}
