"""The commands that a user gave to the old package, and those that the new one is given with what they left.

``{inputs}`` stands for the folder of the user's files, ``{out}`` for that of the package that answers.
"""

from dataclasses import dataclass, replace

ENSEMBLE = ("ensemble.intervals=constant", "ensemble.epochs=own", "ensemble.passes=autograd")
TODAY: dict[str, tuple[str, ...]] = {
    "piezo": ("data.duplicates=split", *ENSEMBLE),
    "beps": (
        *("beta_schedule.free_nats=0", "beta_schedule.number=persistence", "beta_schedule.weights=best"),
        "model.lr=0.002",
    ),
    "beps/toy": ("trainer.max_epochs=100",),
    "beps/raw": ("tracking.experiment=beps",),
    "nested": ("data.duplicates=split", *ENSEMBLE),
    "chain": ("data.duplicates=split", "tracking.experiment=custom", *ENSEMBLE),
}
"""What must be typed, by what a command is about, for today's package to do what the old one did without.

A default that changes has a line in CHANGELOG.md, and the value that it had stands here.
"""

BRIEF = ("figures=brief", "callbacks.checkpoint_seconds=0")
QUICK = ("baselines=quick", "baselines.random_forest.n_estimators=5")
SINGLE = ("experiment=piezo/single", "data.replicates=4", *BRIEF, "baselines=none")
NETWORK = (*SINGLE, "trainer.max_epochs=10", "callbacks.patience=null")
FOLDS = ("ensemble.folds=2", "ensemble.repeats=2")
STACKED = ("experiment=piezo/ns", "data.replicates=3", *BRIEF, *QUICK, *FOLDS, "trainer.max_epochs=10")
COLOURS = ("data.colours=60", "data.validation=20", "data.gamut=30", "data.image_size=8")
TOY = ("experiment=beps/toy", *COLOURS, *BRIEF, "baselines=none")
STAGES = ("warmup_epochs=2", "stage_epochs=1", "refine_epochs=3", "wanted=2")
STAGED = (*TOY, "model=beta_vae_mlp", "trainer.max_epochs=8", *(f"beta_schedule.{stage}" for stage in STAGES))
SCAN = ("experiment=beps/raw", "data.path={inputs}/scan.h5", *BRIEF, "baselines=none", "beta_schedule=none")
SCALED = ("experiment=nested/synthetic", "data.rows=60", "data.split.folds=2", *BRIEF, "trainer.max_epochs=4")
CHAIN = (*SCALED, *QUICK)
SCALES = """{
    ions: {data: gaps, inputs: [A_IONRAD, B_En, X_En], latent_dim: 3, encoder: {hidden: [8]},
           heads: {gap: {kind: regression, columns: [gap], hidden: [8]}}},
    mix: {data: mixes, inputs: [additive, heat], parents: [ions], latent_dim: 2, gaussian_process: true,
          heads: {energy: {kind: regression, columns: [energy, density]},
                  phase: {kind: classification, columns: [phase]}}}}"""
TABLES = """{
    gaps: {path: {inputs}/gaps.csv, composition: composition, units: {gap: eV}},
    mixes: {path: {inputs}/mixes.csv, composition: composition, categorical: [additive]}}"""
OWN = (
    *("data=chain", "model=nested_ae", f"model.scales={' '.join(SCALES.split())}"),
    *(f"data.tables={' '.join(TABLES.split())}", "data.split.folds=2", "data.split.repeats=1"),
    *("ensemble=stacked", "ensemble.folds=2", "ensemble.repeats=1", "trainer.max_epochs=4", *BRIEF, *QUICK),
    "+model@baselines.single_autoencoder=single_autoencoder",
)

RUNS = {
    "single": NETWORK,
    "forest": (*SINGLE, "model=random_forest", "model.n_estimators=10"),
    "drawn": (*STACKED, "trainer.max_epochs=3", "augmentation=noise", "augmentation.n_augmented=40"),
    "stacked": STACKED,
    "staged": STAGED,
    "linear": (*SCAN, "model=pca", "model.n_components=2"),
    "scanned": (*SCAN, "model=beta_vae_mlp", "trainer.max_epochs=3"),
    "chain": CHAIN,
    "own": OWN,
}
"""Name of a run to what is typed for it, by either package."""

GRID = ("model.lr=0.01,0.02,0.03", "sweep.name=grid")
SWEEPS = {
    "grid": (*NETWORK, *GRID),
    "searched": (*NETWORK, "model.lr=tag(log,interval(1e-3,1e-1))", "hydra.sweeper.n_trials={trials}"),
    "components": (*TOY, "model=pca", "beta_schedule=none", "model.n_components=1,2,3"),
    "latents": (*SCALED, "baselines=none", "model.scales.coarse.latent_dim=2,3"),
}
"""Name of a sweep to what is typed for it; but for the first they have no ``sweep.name`` and are found by identity."""
TRIALS = {"searched": 3}
"""How many trials the old package made of a sweep that it ended; the new one goes on to five."""


@dataclass(frozen=True)
class Command:
    """What is typed, and by which name the tests know the answer."""

    name: str
    argv: tuple[str, ...]
    stop: dict[str, object] | None = None
    """Method at whose n-th call a signal comes."""

    def filled(self, **places: str) -> "Command":
        """Return it with places in its braces, those of other names left alone."""

        def fill(text: str) -> str:
            for name, value in places.items():
                text = text.replace(f"{{{name}}}", value)
            return text

        return replace(self, argv=tuple(map(fill, self.argv)))


def train(name: str, *arguments: str, stop: dict[str, object] | None = None) -> Command:
    """Return a command that trains the run of this name."""
    return Command(name, ("train", *arguments, f"name={name}"), stop)


def sweep(name: str, *, trials: int = 5, stop: dict[str, object] | None = None) -> Command:
    """Return a command that makes or continues the sweep of this name."""
    return Command(name, ("train", "-m", *SWEEPS[name]), stop).filled(trials=str(trials))


def today(command: Command) -> Command:
    """Return a command of the old package as it is typed today: ``experiment=piezo/…`` is about ``piezo``."""
    about = next(argument for argument in command.argv if argument.startswith(("experiment=", "data=")))
    experiment = about.partition("=")[2]
    known = (*TODAY[experiment.partition("/")[0]], *TODAY.get(experiment, ()))
    given = {argument.partition("=")[0] for argument in command.argv}
    typed = tuple(each for each in known if each.partition("=")[0] not in given)
    if "beta_schedule=none" in command.argv:
        typed = tuple(each for each in typed if not each.startswith("beta_schedule."))
    if "model=pca" in command.argv:
        typed = tuple(each for each in typed if not each.startswith("model."))
    return replace(command, argv=(*command.argv, *typed))


def at(method: str, call: int, by: str = "SIGINT") -> dict[str, object]:
    """Return where a command of the old package is stopped."""
    return {"at": f"remanence.{method}", "call": call, "by": by}


STOPPED = {
    "single-stopped": (NETWORK, at("models.dnn:DNN.validation_step", 5)),  # one batch: the fifth epoch
    "staged-stopped": (STAGED, at("models.beta_vae:BetaVAE.on_train_epoch_end", 6)),
    "chain-stopped": (CHAIN, at("training.stacked_fit:_Training.run_epoch", 7)),  # of the second scale
    "stacked-killed": (STACKED, at("training.stacked_fit:_Training.run_epoch", 5, "SIGKILL")),
}
"""Name of an interrupted run to what was typed, and where in the old package it was stopped."""
WHOLE = {name: name.partition("-")[0] for name in STOPPED}
"""Interrupted run to the one which was left alone."""

FORKS = {
    "single-forked": ("fork=single", "trainer.max_epochs=3"),
    "staged-forked": ("fork=staged", "model.lr=1e-3"),
    "chain-forked": ("fork=chain", "trainer.max_epochs=2"),
    "registered-forked": ("fork=models:/d33@champion", "trainer.max_epochs=2"),
}
REGISTERED = {"stacked": "d33", "linear": "loops", "own": "mixes"}
"""Run to the name of its model, whose alias is champion."""

READ = {
    "predict single": ("predict", "run=single", "input={inputs}/rows.csv", "output={out}/single.csv"),
    "predict forest": ("predict", "run=forest", "input={inputs}/rows.csv", "output={out}/forest.csv"),
    "predict drawn": ("predict", "run=drawn", "input={inputs}/rows.csv", "output={out}/drawn.csv"),
    "predict stacked": ("predict", "run=models:/d33@champion", "input={inputs}/rows.csv", "output={out}/stacked.csv"),
    "predict linear": ("predict", "run=models:/loops@champion", "input={inputs}/scan.h5", "output={out}/linear.h5"),
    "predict scanned": ("predict", "run=scanned", "input={inputs}/scan.h5", "output={out}/scanned.h5"),
    "predict own": ("predict", "run=models:/mixes/1", "input={inputs}/mixtures.csv", "output={out}/own.csv"),
    "pyfunc single": ("pyfunc", "models:/d33@champion", "{inputs}/rows.csv", "{out}/pyfunc-stacked.csv"),
    "pyfunc own": ("pyfunc", "models:/mixes@champion", "{inputs}/mixtures.csv", "{out}/pyfunc-own.csv"),
    "design stacked": (
        *("design", "run=stacked", "target=d33>150", "over=x=0:0.2,lph_slope=20:60"),
        "output={out}/design-stacked.csv",
    ),
    "design own": (
        *("design", "run=models:/mixes@champion", "target=energy<8", "constraints=gap<2.5"),
        *("step=0.5", "ions=MA,Cs,Pb,Sn,I", "output={out}/design-own.csv"),
    ),
    "compare table": ("compare", "piezo/single", "--csv", "{out}/compare-table.csv"),
    "compare spectra": ("compare", "beps", "--csv", "{out}/compare-spectra.csv"),
    "compare chain": ("compare", "nested", "--csv", "{out}/compare-chain.csv"),
    "compare sweep": ("compare", "grid", "--csv", "{out}/compare-sweep.csv"),
    "evaluate single": ("evaluate", "run=single"),
    "evaluate forest": ("evaluate", "run=forest"),
    "evaluate stacked": ("evaluate", "run=models:/d33@champion"),
    "evaluate other rows": ("evaluate", "run=stacked", "data.path={inputs}/rows.csv"),
    "evaluate staged": ("evaluate", "run=staged"),
    "evaluate linear": ("evaluate", "run=models:/loops@champion"),
    "evaluate other scan": ("evaluate", "run=scanned", "data.path={inputs}/scan.h5"),
    "evaluate own": ("evaluate", "run=own", "data.path={inputs}/mixes.csv"),
}
"""What is asked of the old runs, of the old package when it had made them and of the new one."""

ASKED = [Command(name, argv) for name, argv in READ.items()]

PAST = [
    Command("simulate", ("data", "simulate", "beps", "{inputs}/scan.h5", "data.rows=6", "data.cols=6")),
    *(train(name, *typed) for name, typed in RUNS.items()),
    *(train(name, *typed) for name, typed in FORKS.items() if not typed[0].startswith("fork=models:")),
    *(
        Command(f"register {run}", ("register", f"run={run}", f"name={name}", "alias=champion"))
        for run, name in REGISTERED.items()
    ),
    train("registered-forked", *FORKS["registered-forked"]),
    *(train(name, *typed, stop=stop) for name, (typed, stop) in STOPPED.items() if stop["by"] == "SIGINT"),
    sweep("grid", stop=at("models.dnn:DNN.validation_step", 16)),  # of the second trial
    sweep("searched", trials=TRIALS["searched"]),
    sweep("components", stop=at("models.pca:PCA.fit", 2)),
    sweep("latents", stop=at("training.stacked_fit:_Training.run_epoch", 17)),
    *ASKED,
    *(train(name, *typed, stop=stop) for name, (typed, stop) in STOPPED.items() if stop["by"] == "SIGKILL"),
]
"""What was asked of the old package; the last command ends its process."""

AGAIN = [
    *(today(train(name, *typed)) for name, typed in RUNS.items()),
    *(today(sweep(name)) for name in SWEEPS),
]
"""The same commands with the new package, in a place of its own."""

NOW = [
    *ASKED,
    *(Command(f"resume {name}", ("train", f"resume={name}")) for name in STOPPED),
    *(train(f"{name}-now", *typed) for name, typed in FORKS.items()),
    *(today(sweep(name)) for name in SWEEPS),
    today(Command("reuse", ("train", "-m", *NETWORK, "seed=0,1", "sweep.name=reuse"))),
]
"""What is asked of the new package where the old one has left its runs."""
