"""Names of columns as the symbols that papers print: ``eps_r`` as ε with a subscript."""

import re

from remanence.foundation.names import name_and_unit

SYMBOLS = {
    **dict.fromkeys(("eps_r", "epsilon_r", "ε_r", "εr"), r"\varepsilon_\mathrm{r}"),
    **dict.fromkeys(("k_p", "kp"), r"k_\mathrm{p}"),
    **dict.fromkeys(("k_t", "kt"), r"k_\mathrm{t}"),
    **dict.fromkeys(("T_C", "T_c", "TC"), r"T_\mathrm{C}"),
    **dict.fromkeys(("T_d", "Td"), r"T_\mathrm{d}"),
    **dict.fromkeys(("Q_m", "Qm"), r"Q_\mathrm{m}"),
    "P_r": r"P_\mathrm{r}",
    "2P_r": r"2P_\mathrm{r}",
    **dict.fromkeys(("P_s", "P_S"), r"P_\mathrm{s}"),
    **dict.fromkeys(("E_c", "E_C", "Ec"), r"E_\mathrm{c}"),
    **dict.fromkeys(("E_g", "Eg"), r"E_\mathrm{g}"),
    **dict.fromkeys(("tan_delta", "tan delta", "tand", "tanδ"), r"\tan\delta"),
}
"""Names to formulas of mathtext. Names that are those of elements as well, such as ``Tc`` and ``Pr``, are not there."""
TENSOR = re.compile(r"([cdegks])_?([1-6][1-6])")
"""Components of tensors, such as ``d33``; ``d50`` is none, but the size of grains."""
FORMULA = re.compile(r"(?<!\\)\$[^$]+\$")


def symbol(label: str) -> str:
    r"""Return the label of a column with the symbol of a known quantity; a user's ``$`` begins no formula.

    >>> print(symbol("d33 (pC/N)"), symbol("eps_r"), symbol("lph_slope"), symbol("cost ($)"))
    $d_{33}$ (pC/N) $\varepsilon_\mathrm{r}$ lph_slope cost (\$)
    """
    name, unit, behind = name_and_unit(label)
    tensor = TENSOR.fullmatch(name)
    formula = f"{tensor[1]}_{{{tensor[2]}}}" if tensor else SYMBOLS.get(name)
    if formula is None:
        return escaped(label)
    return f"${formula}$" + (f" ({escaped(unit)})" if unit else "") + escaped(behind)


def escaped(text: str) -> str:
    r"""Return a user's text so that matplotlib reads no formula between two ``$``.

    >>> print(escaped("$5 or $6"))
    \$5 or \$6
    """
    return re.sub(r"(?<!\\)\$", r"\\$", text)


def visible(text: str) -> str:
    """Return a text with one letter for each that is seen of its formulas, for counting.

    >>> visible(symbol("d33 (pC/N)")), visible(symbol("eps_r"))
    ('d33 (pC/N)', 'xr')
    """
    return FORMULA.sub(lambda found: _letters(found[0]), text)


def _letters(formula: str) -> str:
    plain = re.sub(r"\\(mathrm|tan)", lambda name: "" if name[1] == "mathrm" else name[1], formula)
    return re.sub(r"[${}_^ ]", "", re.sub(r"\\[a-z]+", "x", plain))
