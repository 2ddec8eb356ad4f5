"""What each verb takes: its keys and words, with examples; ``--help`` prints it, and completions offer it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RUN = {"run": "id (its beginning is enough) or name of a run, or models:/<name>@<alias>"}
ADDRESS = {"tracking.uri": "address of the runs; without it MLFLOW_TRACKING_URI, else <outputs>/mlflow.db"}
SPACE = {
    "over": "inputs that are varied: 'x=0:0.25', 'x=0:0.25:0.01', 'Process=[NS,QS]', mixtures 'A:B=0:0.25'",
    "given": "inputs that are fixed: 'lph_slope=35,Process=NS'",
    "constraint": "what candidates keep to: 'K+Na=1', 'T_sint-200*x<1140'",
    "candidates": "table whose rows are the candidates",
}
DATA = {"data.<key>": "how the file is read: data.sheet=2, data.cycle=0, …"}
FILES = ("input", "output", "candidates", "pending", "data.path", "data.dir")
"""Keys whose values are paths."""


@dataclass(frozen=True)
class Manual:
    """What a user can type behind a verb."""

    usage: str
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key to what it means; ``<…>`` in a key stands for what the user names."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Word or option to what it means."""
    examples: tuple[str, ...] = ()
    """Commands, without the name of the program."""

    def text(self, verb: str, about: str) -> str:
        """Return the help of a verb."""
        listed = {**self.words, **{f"{key}=…": said for key, said in self.keys.items()}}
        width = max(map(len, listed), default=0)
        lines = [f"usage: remanence {verb} {self.usage}".rstrip(), "", about]
        lines += ["", *(f"  {name:{width}}  {said}" for name, said in listed.items())] if listed else []
        lines += ["", "examples:", *(f"  remanence {example}" for example in self.examples)] if self.examples else []
        return "\n".join(lines)


OVERRIDES = {
    "experiment": "the study: data, model, baselines and their settings (list experiments)",
    "data.path": "your own file, for piezo/table, spectra/own, beps/raw, …",
    "data.target": "column that is predicted; several: [d33,eps_r]",
    "model": "another network or estimator (list models)",
    "trainer.max_epochs": "most epochs of a training",
    "model.lr": "learning rate of a network",
    "seed": "weights, shuffling and simulated data",
    "data/split": "how rows are held out (list splits)",
    "baselines": "what stands beside the model; none spares the time",
    "name": "name of the run, by which other verbs find it",
}
"""The ten overrides of ``train`` that are typed most."""

MANUALS = {
    "train": Manual(
        "[-m] [group=name ...] [key=value ...] [resume=<run> | fork=<run>]",
        OVERRIDES,
        {
            "-m": "a sweep: keys with several values (a,b) or a search (sweep=piezo/bayes)",
            "--cfg job": "print the composed configuration and stop",
            "resume=<run>": "an interrupted run goes on; trainer.* may change",
            "fork=<run>": "a new run from the weights and the configuration of another",
        },
        (
            "train experiment=piezo/ns",
            "train experiment=piezo/table data.path=mine.csv data.target=d33 data.features='[x,lph_slope]'",
            "train experiment=beps/toy model=beta_vae_mlp trainer.max_epochs=20 baselines=none",
            "train -m experiment=piezo/ns model.activation=tanh,sigmoid,relu",
            "train -m experiment=piezo/ns sweep=piezo/bayes n_jobs=2",
            "train --cfg job experiment=piezo/ns",
        ),
    ),
    "repeat": Manual(
        "seeds=<number | a..b | a,b,c> [overrides of train]",
        {"seeds": "how many seeds from 0, a range such as 10..19, or a list such as 0,3,7", **OVERRIDES},
        {},
        ("repeat experiment=beps/toy seeds=10 n_jobs=2", "repeat experiment=piezo/ns seeds=10..19"),
    ),
    "evaluate": Manual(
        "run=<run> [data.path=<file> | data.dir=<folder>] [key=value ...]",
        RUN
        | {
            "data.path": "another table or scan; without it what the run held out",
            "data.dir": "another folder of arrays",
        }
        | DATA
        | ADDRESS,
        {},
        ("evaluate run=<run> data.path=other.csv",),
    ),
    "predict": Manual(
        "run=<run> input=<file> output=<file> [key=value ...]",
        RUN
        | {
            "input": "table, or scans: several input=… or a pattern 'scan*.h5'",
            "output": ".csv, .xlsx or .parquet for a table, .h5 for scans",
        }
        | DATA
        | ADDRESS,
        {},
        (
            "predict run=<run> input=new.csv output=predicted.csv",
            "predict run=<run> input='scan*.h5' output=latents.h5",
        ),
    ),
    "watch": Manual(
        "run=<run> input=<file> output=<file> [key=value ...]",
        RUN
        | {
            "input": "scan that an instrument is writing",
            "output": "NSID file, whole at any moment",
            "rotation": "angle θ of the phase in rad; without it that of the run",
        }
        | DATA
        | ADDRESS,
        {},
        ("watch run=<run> input=scan.h5 output=latents.h5",),
    ),
    "design": Manual(
        "run=<run> target=<condition> [key=value ...]",
        RUN
        | {"target": "what is wanted: 'd33>200', 'd33=max', 'gap in [1.2,1.8]'"}
        | SPACE
        | {
            "constraints": "conditions on other properties: 'eps_r<900 and tan_d<0.03'",
            "ions": "ions of a chain that are combined: 'MA,FA,Cs,Pb,Sn,I,Br'",
            "step": "step of the fractions of ions",
            "top": "number of candidates that are printed, 10 by default",
            "output": "table with all of them",
        }
        | ADDRESS,
        {},
        ("design run=<run> target='d33>200' over='x=0:0.25' given='lph_slope=35'",),
    ),
    "suggest": Manual(
        "run=<run> [n=5] [key=value ...]",
        RUN
        | {"target": "what is wanted: 'd33=max', or several: 'd33=max,tan_delta=min'", "n": "number of experiments"}
        | SPACE
        | {
            "acquisition": "upper_bound or expected_improvement",
            "cost": "column of candidates=, or a sum such as '1+20*Ta'",
            "pending": "table of experiments that are being made",
            "output": "table with the suggestions",
            "backtest": "true: play the choice on the run's own rows",
            "starts": "rows that a campaign of the backtest begins with",
            "measured": "rows at which it ends",
            "seeds": "number of campaigns",
            "top": "how many of the best materials are to be found",
        }
        | ADDRESS,
        {},
        ("suggest run=<run> n=5 over='x=0:0.25' given='lph_slope=35'", "suggest run=<run> backtest=true"),
    ),
    "bundle": Manual(
        "run=<run> output=<file>.zip [key=value ...]",
        RUN
        | {
            "output": "zip file that is written",
            "data": "digests (the default: addresses and digests) or include: own files as well",
            "licence": "how others may use it: CC-BY-4.0",
        }
        | ADDRESS,
        {},
        ("bundle run=<run> output=run.zip",),
    ),
    "reproduce": Manual(
        "run=<run> | bundle=<file>.zip [key=value ...]",
        RUN
        | {
            "bundle": "zip file of a run, as bundle writes it",
            "environment": "fresh: a new one with the recorded versions; current: this one",
            "code": "installed, commit or apply; apply runs changes that somebody else made",
            "tolerance": "largest relative difference of a metric, .001 by default",
            "trainer.accelerator": "device of this machine: cpu, gpu, …",
            "trainer.devices": "their number",
            "data.<key>": "where the data lie here: data.path=…, data.dir=…",
        }
        | ADDRESS,
        {},
        ("reproduce run=<run>", "reproduce bundle=run.zip environment=current"),
    ),
    "export": Manual(
        "run=<run> output=<folder>",
        RUN | {"output": "new folder of the model, which loads without MLflow"} | ADDRESS,
        {},
        ("export run=<run> output=model",),
    ),
    "list": Manual(
        "[what ...] [hydra.searchpath=[file://<folder>]]",
        {"hydra.searchpath": "folders with choices of your own: [file://mylab/conf]"},
        {"<what>": "experiments, data, models, baselines, sweeps, splits, samplers, …; all: everything"},
        ("list", "list experiments", "list models splits"),
    ),
    "explain": Manual(
        "<key | group> [overrides of train]",
        {"<override>": "the composition in which the key is explained: experiment=piezo/ns, model=dnn, …"},
        {"<key | group>": "such as model.loss, trainer, data/split or hydra.sweeper.n_trials"},
        ("explain model.loss experiment=piezo/knn", "explain trainer"),
    ),
    "compare": Manual(
        "<experiment | configuration | sweep | run run> [--csv FILE] [--html FILE]",
        ADDRESS,
        {
            "<run> <run>": "what changed between two runs, by id, first digits of an id, or name",
            "--csv FILE": "write the whole table",
            "--html FILE": "write a page with figures, learning curves and settings over seeds",
        },
        ("compare piezo", "compare piezo/ns --html report.html", "compare <run> <run>"),
    ),
    "register": Manual(
        "run=<run> name=<name> [alias=<alias>]",
        RUN | {"name": "name of the model in the registry", "alias": "such as champion"} | ADDRESS,
        {},
        ("register run=<run> name=d33-network alias=champion",),
    ),
    "data": Manual(
        "list | describe <file | name> | convert <file> <new.h5> | simulate <name> <file> | fetch <name>",
        {
            "data.<key>": "what a table is (data.sheet=2, data.composition=what), or what is simulated (data.rows=60)",
            "pace": "pixels a second at which a simulated scan is written",
        },
        {
            "list": "simulators and published files",
            "describe": "what a file holds, and the command that trains on it",
            "convert": "an instrument's own file to NSID",
            "simulate": "write a synthetic table (nbbt) or scan (beps)",
            "fetch": "download a published file into the cache",
        },
        ("data describe mine.xlsx", "data simulate beps scan.h5 data.rows=60 data.cols=60"),
    ),
    "sync": Manual(
        "<run folder ...> [tracking.uri=<address>]",
        ADDRESS | {"tracking.uri": "another server than that on which the run was recorded"},
        {"<run folder>": "such as outputs/runs/<run id>"},
        ("sync outputs/runs/<run id>",),
    ),
    "restore": Manual("<experiment | run>", ADDRESS, {}, ("restore piezo",)),
    "clean": Manual(
        "[yes=true] [sweep=<name>]",
        {
            "yes": "true: remove what is listed",
            "sweep": "pack the trials of a finished sweep; the best one stays",
        }
        | ADDRESS,
        {},
        ("clean", "clean yes=true"),
    ),
    "doctor": Manual(
        "",
        ADDRESS,
        {},
        ("doctor",),
    ),
    "completion": Manual(
        "bash | zsh | fish",
        {},
        {
            "bash": 'eval "$(remanence completion bash)" in ~/.bashrc',
            "zsh": 'eval "$(remanence completion zsh)" in ~/.zshrc, behind compinit',
            "fish": "remanence completion fish > ~/.config/fish/completions/remanence.fish",
        },
    ),
    "ui": Manual("[port=5000]", {"port": "of this machine, 5000 by default"} | ADDRESS, {}, ("ui port=5001",)),
}
"""Verb to what it takes."""
