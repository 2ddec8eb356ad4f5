"""What MkDocs calls while it builds the site: pages that are made from the package, and links that suit a site."""

import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))

from reference_pages.gallery import stored_figures  # noqa: E402  the folder is on the path from here on
from reference_pages.links import INCLUDED, with_links_of_the_site  # noqa: E402
from reference_pages.made_pages import made_pages  # noqa: E402


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made, the documents of other folders, and their figures."""
    for page, text in made_pages().items():
        files.append(File.generated(config, page, content=text))
    for source, page in INCLUDED.items():
        if (ROOT / source).exists():
            files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    for path in stored_figures():
        if not path.startswith("docs/"):
            files.append(File.generated(config, f"assets/{path}", abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Change the links of a page: documents are read in the repository as well."""
    place = page.file.src_uri
    if place == "index.md":
        page.meta["hide"] = ["navigation"]  # the tabs above lead everywhere from there
    source = next((path for path, there in INCLUDED.items() if there == place), f"docs/{place}")
    return with_links_of_the_site(markdown, source, place)
