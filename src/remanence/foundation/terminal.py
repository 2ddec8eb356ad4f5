"""The console that verbs print to: as wide as the terminal, and wide enough for a table when piped."""

from rich.console import Console

PIPED_WIDTH = 180

# no markup: columns are called "d33 [pC/N]", and rich would take that for a style
console = Console(soft_wrap=True, markup=False, emoji=False)
if not console.is_terminal:
    console = Console(width=PIPED_WIDTH, soft_wrap=True, markup=False, emoji=False)
