"""The console that verbs print to: as wide as the terminal, and wide enough for a table when piped."""

from rich.console import Console

PIPED_WIDTH = 180

console = Console(soft_wrap=True)
if not console.is_terminal:
    console = Console(width=PIPED_WIDTH, soft_wrap=True)
