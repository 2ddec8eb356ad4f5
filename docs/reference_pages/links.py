"""Links of the documents, which lead to files of the repository, as they lead on the site."""

import os
import re
from pathlib import PurePosixPath

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
INCLUDED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "experiments/piezo/README.md": "papers/piezo.md",
    "experiments/beps/README.md": "papers/beps.md",
    "experiments/nested/README.md": "papers/nested.md",
    "findings/README.md": "findings.md",
}
"""Documents outside docs/ that are pages of the site, too."""
GENERATED = "reference/"


def with_links_of_the_site(text: str, source: str, page: str) -> str:
    """Return a document with its links changed.

    A file that is a page is linked as one, a picture is taken along, and any other file of the repository, which has no
    public address, is named.

    Args:
        text: the document.
        source: path of the document below the repository.
        page: path of its page below the site.

    >>> with_links_of_the_site("[sweeps](docs/sweeps.md#seeds), [a](src/a.py)", "README.md", "index.md")
    '[sweeps](sweeps.md#seeds), <span title="src/a.py">a</span>'
    """

    def changed(found: re.Match[str]) -> str:
        picture, words, target, anchor = found[1], found[2], found[3], found[4] or ""
        if not target or ":" in target:
            return found[0]
        path = os.path.normpath(PurePosixPath(source).parent / target)
        there = place_on_the_site(path)
        if there is None:
            return f'<span title="{path}">{words}</span>'
        back = os.path.relpath(there, PurePosixPath(page).parent)
        return f"{picture}[{words}]({back}{anchor})"

    return LINK.sub(changed, text)


def place_on_the_site(path: str) -> str | None:
    """Return where a file of the repository is on the site; None if it is not there."""
    if path in INCLUDED:
        return INCLUDED[path]
    if path.startswith("docs/") and path.endswith((".md", ".png", ".webp")):
        return path.removeprefix("docs/")
    return f"assets/{path}" if path.endswith(".png") else None
