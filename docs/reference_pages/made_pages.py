"""The pages that are made when the site is built."""

from notebook_pages.page import notebook_pages
from reference_pages.configuration import configuration_pages
from reference_pages.gallery import gallery_page
from reference_pages.verbs import verbs_page

GALLERY, VERBS = "reference/gallery.md", "reference/verbs.md"


def made_pages() -> dict[str, str]:
    """Return path below docs/ and text of each."""
    return {**dict(configuration_pages()), VERBS: verbs_page(), GALLERY: gallery_page(), **notebook_pages()}
