"""Write the files of this folder: one invented table of ceramics, held as laboratories hold theirs.

The numbers are made up; only the way in which they are written is real. ``python make.py`` writes the same files again.
"""

import csv
import datetime
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from openpyxl import Workbook

HERE = Path(__file__).parent
WHEN = datetime.datetime(2026, 11, 2)
SUBSCRIPTS = str.maketrans("0123456789.", "₀₁₂₃₄₅₆₇₈₉.")


def samples() -> list[dict[str, object]]:
    """Return 36 ceramics of (1-x)Na0.5Bi0.5TiO3-xBaTiO3, sintered in two ways."""
    random = np.random.default_rng(15)
    rows = []
    for number in range(36):
        x = (0, 0.02, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.15)[number % 9]
        process, temperature = ("NS", "QS")[number % 2], (1100, 1140, 1150, 1180)[number // 9]
        d33 = 75 + 110 * np.exp(-(((x - 0.065) / 0.03) ** 2)) + 25 * (process == "QS") + 0.1 * (temperature - 1100)
        rows.append(
            {
                "id": f"S{number + 1:03d}",
                "formula": f"{1 - x:.2f}Na0.5Bi0.5TiO3-{x:.2f}BaTiO3" if x else "Na0.5Bi0.5TiO3",
                "x": x,
                "process": process,
                "T": temperature,
                "rho": round(float(5.62 + random.normal(0, 0.04)), 3),
                "d33": round(float(d33 + random.normal(0, 4)), 1),
                "eps": round(float(640 + 14000 * x + random.normal(0, 20))),
            }
        )
    return rows


ROWS = samples()


def german(value: object, decimals: int | None = None) -> str:
    """Return a number as it is written in Germany."""
    text = str(value) if decimals is None else f"{value:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,"))


def write_text(name: str, rows: Iterable[Sequence[object]], separator: str = ",", encoding: str = "utf-8") -> None:
    """Write rows as text."""
    with open(HERE / name, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(rows)


def save(book: Workbook, name: str) -> None:
    """Write a workbook, with the same bytes whenever it is written."""
    book.properties.created = book.properties.modified = WHEN
    book.save(HERE / name)
    with zipfile.ZipFile(HERE / name) as packed:
        parts = {each: packed.read(each) for each in packed.namelist()}
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as packed:
        for each, content in parts.items():
            content = content if each != "docProps/core.xml" else _dated(content)
            packed.writestr(zipfile.ZipInfo(each, WHEN.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


def _dated(content: bytes) -> bytes:
    start, _, rest = content.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    return start + b'<dcterms:modified xsi:type="dcterms:W3CDTF">' + WHEN.isoformat().encode() + b"Z" + rest[20:]


def titles_and_units() -> None:
    """A title, a date and a blank row above the header, units below it, and the table away from the corner."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Messungen"
    sheet["B1"] = "NBT-BT ceramics, campaign 2026, all d33 after 24 h"
    sheet["B2"], sheet["C2"] = "measured by", "K. M."
    for place, name in enumerate(("Sample", "x", "Process", "T_sint", "density", "d33", "eps_r"), start=2):
        sheet.cell(4, place, name)
    for place, unit in enumerate((None, "-", None, "°C", "g/cm³", "pC/N", "-"), start=2):
        sheet.cell(5, place, unit)
    for number, row in enumerate(ROWS, start=6):
        for place, key in enumerate(("id", "x", "process", "T", "rho", "d33", "eps"), start=2):
            sheet.cell(number, place, row[key])
    save(book, "titles_and_units.xlsx")


def german_export() -> None:
    """Semicolons, decimal commas, points between thousands, and the encoding of Windows."""
    header = ["Probe", "Stoffmenge x", "Prozess", "T_sint [°C]", "Dichte [g/cm³]", "d33 [pC/N]", "eps_r"]
    rows = [
        [
            row["id"],
            german(row["x"]),
            row["process"],
            row["T"],
            german(row["rho"]),
            german(row["d33"]),
            german(row["eps"], 1),
        ]
        for row in ROWS
    ]
    write_text("german_export.csv", [header, *rows], ";", "cp1252")


def latin() -> None:
    """Latin-1, with names of columns in French."""
    rows = [[row["id"], row["x"], row["T"], row["process"], row["d33"]] for row in ROWS]
    write_text("latin_1.csv", [["échantillon", "x", "température (°C)", "procédé", "d33"], *rows], ",", "latin-1")


def instrument() -> None:
    """What a d33 meter writes: UTF-16, tabs, and a page of settings above the data."""
    settings = [
        ["[Settings]"],
        ["Instrument", "d33 meter"],
        ["Operator", "K. M."],
        ["Frequency (Hz)", "110"],
        ["Force (N)", "0.25"],
        [],
        ["[Data]"],
    ]
    rows = [[number, row["x"], row["T"], row["d33"]] for number, row in enumerate(ROWS, start=1)]
    header = ["No.", "x", "T_sint (°C)", "d33 (pC/N)"]
    write_text("instrument.txt", [*settings, header, *rows], "\t", "utf-16")


def sheets() -> None:
    """Notes on the first sheet, one series on each of the others."""
    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["NS: cooled in the furnace, QS: quenched from the sintering temperature"])
    for process in ("NS", "QS"):
        sheet = book.create_sheet(process)
        sheet.append(["Sample", "x", "T_sint", "d33"])
        for row in ROWS:
            if row["process"] == process:
                sheet.append([row["id"], row["x"], row["T"], row["d33"]])
    save(book, "sheets.xlsx")


def uncertain() -> None:
    """Uncertainties, bounds, ranges and everything by which a laboratory says that nothing was measured."""
    d33 = [f"{row['d33']}±{2 + number % 4}" for number, row in enumerate(ROWS)]
    d33[3], d33[8], d33[20] = "<5", "ND", "120-130"
    rho = [f"{row['rho']:.3f}({1 + number % 5})" for number, row in enumerate(ROWS)]
    rho[5], rho[11], rho[17], rho[23] = "n/a", "-", "", "~5.6"
    rows = [[row["id"], row["x"], row["T"], rho[number], d33[number]] for number, row in enumerate(ROWS)]
    write_text("uncertain.csv", [["id", "x", "T_sint", "density", "d33"], *rows])


def merged() -> None:
    """A name and a process that are written once for the three pieces of a pellet."""
    book = Workbook()
    sheet = book.active
    sheet.append(["Pellet", "x", "Process", "Piece", "d33 (pC/N)"])
    random = np.random.default_rng(3)
    for number, row in enumerate(ROWS[:18]):
        for piece in range(3):
            first = [f"P{number + 1}", row["x"], row["process"]] if not piece else [None] * 3
            sheet.append([*first, piece + 1, round(float(row["d33"]) + random.normal(0, 3), 1)])
        for letter in "ABC":
            sheet.merge_cells(f"{letter}{3 * number + 2}:{letter}{3 * number + 4}")
    save(book, "merged_pellets.xlsx")


def formulas() -> None:
    """Formulas with every dash, subscripts, brackets of other widths and dopings, as authors write them."""
    dashes = "-–—−"
    rows = []
    for number, row in enumerate(ROWS):
        formula = str(row["formula"]).replace("-", dashes[number % 4])
        if number % 5 == 1:
            formula = formula.replace("Na0.5Bi0.5TiO3", "Na₀.₅Bi₀.₅TiO₃").replace("BaTiO3", "BaTiO₃")
        if number % 5 == 2:
            formula = formula.replace("Na0.5Bi0.5TiO3", "（Na0.5Bi0.5）TiO3")
        if number % 5 == 3:
            formula += " + 0.2 mol% MnO2"
        rows.append([formula, row["process"], row["T"], row["d33"]])
    write_text("formulas.csv", [["Component", "Process", "T_sint", "d33"], *rows])


def blanks() -> None:
    """Blank rows between series, blank columns between groups of columns, and a note far away."""
    book = Workbook()
    sheet = book.active
    sheet.append(["Sample", "x", None, "T_sint", "Process", None, "d33"])
    for number, row in enumerate(ROWS):
        if number % 9 == 0:
            sheet.append([])
        sheet.append([row["id"], row["x"], None, row["T"], row["process"], None, row["d33"]])
    save(book, "blanks.xlsx")


def repeated() -> None:
    """The same ceramics measured twice, and rows that were pasted twice."""
    random = np.random.default_rng(5)
    keys = ("id", "formula", "T", "process", "d33")
    rows = [[row[key] for key in keys] for row in ROWS]
    again = [[*row[:-1], round(float(row[-1]) + random.normal(0, 6), 1)] for row in rows[:12]]
    write_text("repeated.csv", [["id", "Component", "T_sint", "Process", "d33"], *rows, *again, *rows[30:33]])


def si() -> None:
    """SI units throughout: d33 of 1e-10 m/V, a grain size of 1e-6 m."""
    random = np.random.default_rng(7)
    rows = [
        [row["x"], row["T"] + 273.15, f"{1e-6 * random.uniform(1, 3):.3e}", f"{float(row['d33']) * 1e-12:.4e}"]
        for row in ROWS
    ]
    write_text("si_units.csv", [["x", "T_sint [K]", "grain_size [m]", "d33 [m/V]"], *rows])


def thousands() -> None:
    """Permittivities with a comma, which have two meanings."""
    rows = [[row["x"], row["T"], f"{row['eps'] + 1000:,}", row["d33"]] for row in ROWS]
    write_text("thousands.csv", [["x", "T_sint", "eps_r", "d33"], *rows])


def blanks_between() -> None:
    """Columns aligned with blanks below remarks, as a script of long ago prints them."""
    lines = ["# NBT-BT, output of average.f", "#", "     x   T_sint      d33"]
    lines += [f"{row['x']:6.3f} {row['T']:8d} {row['d33']:8.1f}" for row in ROWS]
    (HERE / "aligned.txt").write_text("\n".join(lines) + "\n")


def odd_names() -> None:
    """Names of columns that a shell, Hydra or a person reads in another way."""
    header = ["Sample, No.", "x = [Ba]", "T sint. (°C)", "process/route", "d33, pC/N", "tan δ (%)"]
    rows = [
        [row["id"], row["x"], row["T"], row["process"], row["d33"], round(0.02 + 0.1 * float(row["x"]), 4)]
        for row in ROWS
    ]
    write_text("odd_names.csv", [header, *rows])


def calculated() -> None:
    """Means that Excel would calculate, in a file that no spreadsheet has opened yet."""
    book = Workbook()
    sheet = book.active
    sheet.append(["x", "T_sint", "d33 first", "d33 second", "d33"])
    for number, row in enumerate(ROWS, start=2):
        sheet.append([row["x"], row["T"], row["d33"], row["d33"], f"=AVERAGE(C{number}:D{number})"])
    save(book, "calculated.xlsx")


if __name__ == "__main__":
    for write in (
        titles_and_units,
        german_export,
        latin,
        instrument,
        sheets,
        uncertain,
        merged,
        formulas,
        blanks,
        repeated,
        si,
        thousands,
        blanks_between,
        odd_names,
        calculated,
    ):
        write()
