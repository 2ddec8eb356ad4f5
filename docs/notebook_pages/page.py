"""A page for each notebook: its text, its code, and what the code has shown."""

from typing import Any

from notebook_pages.notebook import NAMES, cells, source_of, stored

PAGE = "tutorials/notebooks/{}.md"


def notebook_pages() -> dict[str, str]:
    """Return path below docs/ and text of each page."""
    return {PAGE.format(name): page(name) for name in NAMES}


def page(name: str) -> str:
    """Return the page of a notebook."""
    outputs = iter(stored(name)["outputs"])
    parts = []
    for cell in cells(source_of(name)):
        if cell.is_text:
            parts.append(cell.content)
            continue
        parts.append(f"```python\n{cell.content}\n```")
        parts += [_shown(name, output) for output in next(outputs)]
    return "\n\n".join(parts) + "\n"


def _shown(name: str, output: dict[str, Any]) -> str:
    if "figure" in output:
        return f"![{output['shows']}](../../notebooks/rendered/{output['figure']})"
    if "html" in output:
        return f'<div class="notebook-table">{output["html"]}</div>'
    return f"```text\n{output['text']}\n```"
