"""The lines of README.md and docs/ that are typed, words apart: blocks without a language, long lines joined."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """One line of a document."""

    document: str
    text: str

    @property
    def words(self) -> list[str]:
        """What a shell makes of it, without a comment and the sign that sends it to the background."""
        words = shlex.split(self.text.replace("<run id>", "<id>"), comments=True)
        return words[:-1] if words[-1:] == ["&"] else words


def blocks(language: str) -> list[tuple[str, str]]:
    """Return document and content of each block of a language; "" for none."""
    return [
        (str(path.relative_to(ROOT)), code)
        for path in DOCUMENTS
        for found, code in FENCED.findall(path.read_text(encoding="utf-8"))
        if found == language
    ]


def typed_lines() -> list[Line]:
    """Return every line of every block without a language, in order; of lines that are repeated the first."""
    lines = [
        Line(document, text.strip())
        for document, code in blocks("")
        for text in re.sub(r"\\\n\s*", "", code).splitlines()
        if text.strip()
    ]
    seen: set[tuple[str, ...]] = set()
    return [line for line in lines if line.words and not (tuple(line.words) in seen or seen.add(tuple(line.words)))]
