"""The gallery: the figures that are stored, each with its command, and every figure that a run draws."""

from pathlib import Path

import yaml

from reference_pages.drawn_figures import drawn_figures

ROOT = Path(__file__).parents[2]
OF = {
    "table": "Of runs on a table",
    "spectra": "Of runs on spectra",
    "chain": "Of runs on a chain of scales",
    "any": "Of runs with rows and intervals",
    "sweep": "Of sweeps and repeats",
}


def stored_figures() -> dict[str, dict[str, str]]:
    """Return the path of each stored figure below the repository, what it shows, and its command."""
    text = (Path(__file__).parent / "gallery.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def gallery_page() -> str:
    """Return the page, which lies in ``docs/reference``."""
    parts = [
        "# Gallery",
        "",
        "The figures of the papers and of the front page, each with the command that makes it; a run's figures are in "
        "`outputs/runs/<run id>/figures/` and among its artifacts in MLflow.",
    ]
    for path, figure in stored_figures().items():
        parts += ["", f"### {figure['shows']}", "", f"![{figure['shows']}](../../{path})", ""]
        parts += ["```", figure["command"], "```"]
    parts += ["", "## Every figure that a run draws", "", "`figures=brief` leaves all but parity and losses out."]
    for kind, title in OF.items():
        rows = [
            f"| `{figure.name}` | {figure.what.replace('|', chr(92) + '|')} |"
            for figure in drawn_figures()
            if figure.kind == kind
        ]
        parts += ["", f"### {title}", "", "| file | what it shows |", "|---|---|", *rows]
    return "\n".join(parts) + "\n"
