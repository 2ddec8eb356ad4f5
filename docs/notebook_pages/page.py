"""A page for each notebook: its text, its code, and what the code has shown."""

from typing import Any

from notebook_pages.notebook import NAMES, cells, source_of, stored

PAGE = "tutorials/notebooks/{}.md"


def notebook_pages() -> dict[str, str]:
    """Return path below docs/ and text of each page."""
    return {PAGE.format(name): page(name) for name in NAMES}


def page(name: str) -> str:
    """Return the page of a notebook; of one that has not been run, what it shows is left out, and the page says so."""
    kept = stored(name)
    outputs = iter([] if kept is None else kept["outputs"])
    parts = []
    for cell in cells(source_of(name)):
        if cell.is_text:
            parts.append(cell.content)
            continue
        parts.append(f"```python\n{cell.content}\n```")
        parts += [_shown(output) for output in next(outputs, [])]
    if kept is None:
        parts.append(f"*What the cells show is not stored here: `make notebooks NAME={name}` runs them.*")
    return "\n\n".join(parts) + "\n"


def _shown(output: dict[str, Any]) -> str:
    if "figure" in output:
        return f"![{output['shows']}](../../notebooks/rendered/{output['figure']})"
    if "html" in output:
        return f'<div class="notebook-table">{output["html"]}</div>'
    return f"```text\n{output['text']}\n```"
