"""The command ``remanence``: it runs the verb, and turns errors into one line and an exit code."""

import atexit
import gc
import importlib
import os
import select
import sys
import traceback
from collections.abc import Sequence

from remanence.errors import UserError
from remanence.foundation.imports import importing
from remanence.foundation.phases import timed
from remanence.foundation.trust import read_targets, trusting
from remanence.tracking.address import without_secrets

VERBS = {
    "train": (
        "remanence.verbs.train",
        "train, track and test a model; -m sweeps, resume=<run> goes on, fork=<run> starts from it",
    ),
    "repeat": (
        "remanence.verbs.repeat",
        "the same run under several seeds: repeat experiment=E seeds=10 (or 10..19), with mean, sd and interval",
    ),
    "evaluate": (
        "remanence.verbs.evaluate",
        "metrics of a tracked model: run=<id|name|models:/name@alias> [data.path=other.csv]",
    ),
    "predict": (
        "remanence.verbs.predict",
        "run=<id> input=new.csv output=predicted.csv, or input='scan*.h5' output=latents.h5",
    ),
    "watch": (
        "remanence.verbs.watch",
        "encode a raw scan while it is being written: run=<id> input=scan.h5 output=latents.h5",
    ),
    "design": (
        "remanence.verbs.design",
        "compositions for a property: run=<id> target='d33>200' over=… or constraints=…",
    ),
    "suggest": (
        "remanence.verbs.suggest",
        "the next experiments: run=<id> n=5 over=… or candidates=…; backtest=true plays it on the run's own rows",
    ),
    "list": ("remanence.verbs.listing", "what can be chosen: list [experiments | models | sweeps | … | all]"),
    "explain": (
        "remanence.verbs.explain",
        "what a key means, its value and who sets it: explain model.loss experiment=E",
    ),
    "compare": (
        "remanence.verbs.compare",
        "a table of runs, or what changed between two: compare piezo | <run> <run> [--html FILE]",
    ),
    "register": ("remanence.verbs.register", "a name for a run's model: run=<id> name=toy-vae [alias=champion]"),
    "export": (
        "remanence.verbs.export",
        "a run's model as a folder that loads without MLflow: run=<id> output=<new folder>",
    ),
    "bundle": (
        "remanence.verbs.bundle",
        "a run as one RO-Crate: run=<id> output=run.zip [data=include] [licence=CC-BY-4.0]",
    ),
    "reproduce": (
        "remanence.verbs.reproduce",
        "a run made again, its metrics compared: run=<id> or bundle=run.zip [environment=fresh|current] [code=…]",
    ),
    "data": (
        "remanence.verbs.data",
        "list | describe <file | name> | convert <file> <new.h5> | simulate <name> <file> [pace=64] | fetch",
    ),
    "sync": ("remanence.verbs.sync", "send what a server missed while it was away: sync <run folder>"),
    "restore": (
        "remanence.verbs.restore",
        "undo a deletion: restore <experiment | run>, parents and children together",
    ),
    "clean": (
        "remanence.verbs.clean",
        "list what no run needs any more; yes=true removes it; sweep=NAME packs a finished sweep",
    ),
    "doctor": ("remanence.verbs.doctor", "whether this installation can work: versions, devices, folders, memory"),
    "completion": (
        "remanence.verbs.completion",
        "complete with the tab key: completion bash | zsh | fish prints the script",
    ),
    "ui": ("remanence.verbs.ui", "the MLflow UI on this machine: ui [port=5000]"),
}

TARGETS = "allowed_targets="
"""Beginning of the argument with which a user lets a stored run import their own classes; every verb takes it."""

HYDRAS_COMPLETION = frozenset({"-sc", "--shell-completion"})

HELP = f"""remanence: tracked, composable, reproducible machine learning for functional materials

usage: remanence <verb> [key=value ...] [--debug]

{chr(10).join(f"  {verb:10} {about}" for verb, (_, about) in VERBS.items())}

examples:
  remanence train experiment=piezo/ns
  remanence train experiment=piezo/table data.path=mine.csv data.target=d33 data.features='[x,lph_slope]'
  remanence train -m experiment=piezo/ns model.activation=tanh,sigmoid,relu
  remanence train --cfg job experiment=piezo/ns     # print the configuration and stop

remanence <verb> --help says what a verb takes; list and explain say what there is to choose and what it means.
Errors in the command, the configuration or the data end with exit code 2; --debug shows the traceback.
Everything written goes under outputs/ (REMANENCE_OUTPUTS moves it)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failure, 2 wrong input, 129 to 143 interrupted."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # otherwise Hydra prints its own report and exits with 1
    # at exit the garbage collector would take a second to free a million objects; frozen objects are left out
    atexit.register(gc.freeze)
    if "" not in sys.path:
        sys.path.append("")  # a user's own classes are in the working directory, where console scripts do not look
    try:
        with timed():
            code = _dispatch(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that has gone is no failure
        return code
    except UserError as error:
        if debug:
            traceback.print_exc()
        print(f"remanence: error: {without_secrets(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except Exception as error:
        if debug:
            traceback.print_exc()
        if isinstance(error, BrokenPipeError) and _reader_is_gone():
            return 141
        if (damaged := _damaged(error)) is not None:
            print(f"remanence: error: {damaged}", file=sys.stderr)
            return 2
        lines = str(error).strip().splitlines() or [""]
        message = f"{type(error).__name__}: {without_secrets(lines[0])}"
        print(f"remanence: failed: {message} (--debug shows where)", file=sys.stderr)
        return 1


def _reader_is_gone() -> bool:
    """Return whether nobody reads what is printed any more, as behind ``| head``; what is left is dropped."""
    waiting = select.poll()
    waiting.register(1, 0)
    is_gone = any(events & (select.POLLERR | select.POLLHUP) for _, events in waiting.poll(0))
    if is_gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return is_gone


def print_help(verb: str) -> None:
    """Print what a verb takes; of ``train`` also the groups."""
    from remanence.verbs.manual import MANUALS

    print(MANUALS[verb].text(verb, VERBS[verb][1]))
    if verb == "train":
        from remanence.verbs.listing import summary

        print(f"\ngroups, with the number of their choices:\n{summary()}")
        print("\nremanence list <group> names the choices, remanence explain <key> says what a key means.")


def _damaged(error: Exception) -> Exception | None:
    """Return what to say of a database whose damage was found after it had been opened."""
    if "sqlite3" not in sys.modules:
        return None
    from remanence.tracking.database import damaged_database

    return damaged_database(error)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if arguments[0] == "--version":
        from remanence import __version__

        print(__version__)
        return 0
    verb, *rest = arguments
    if HYDRAS_COMPLETION.intersection(arguments):
        raise UserError(
            "-sc: Hydra's own completion is not in use; `remanence completion bash` (or zsh, fish) prints the script"
        )
    if verb not in VERBS:
        from difflib import get_close_matches

        close = get_close_matches(verb, VERBS, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(VERBS)}"
        raise UserError(f"unknown verb '{verb}'{hint}")
    if {"-h", "--help"}.intersection(rest):
        print_help(verb)
        return 0
    with importing():
        module = importlib.import_module(VERBS[verb][0])
    if verb in ("train", "repeat"):  # there it is a key of the configuration
        return int(module.main(rest))
    own = [argument for argument in rest if not argument.startswith(TARGETS)]
    given = [argument.removeprefix(TARGETS) for argument in rest if argument.startswith(TARGETS)]
    with trusting(read_targets(",".join(given))):
        return int(module.main(own))
