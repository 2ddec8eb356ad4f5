"""How many latents the spectra need: their intrinsic dimension, and the error of models by their number of latents.

    python experiments/beps/number_of_latents.py dimension
    python experiments/beps/number_of_latents.py errors beps/pzt trainer.max_epochs=60 beta_schedule.refine_epochs=40

``dimension`` prints the estimate among groups of so many spectra, for each seed of the colours and of the split of PZT.
``errors`` trains β-VAE, plain autoencoder and PCA with two to eight latents and draws ``figures/number_<name>.png``.
Overrides of both networks stand behind the experiment; the same command goes on after an interruption.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import remanence as rm
from remanence.figures.spectra.error_by_number import plot_error_by_number
from remanence.figures.style_sheet import styled
from remanence.science.unmixing.intrinsic_dimension import intrinsic_dimension

FIGURES = Path(__file__).parent / "figures"
SEEDS = (*range(5), *range(10, 20))
GROUPS = (50, 100, 200, 400)
"""Numbers of spectra among which neighbours are looked for."""
NUMBERS = (2, 3, 4, 5, 6, 7, 8)
DRAWN = {"beps/toy": "data.seed", "beps/pzt": "data.split.seed"}
"""Key that draws the training spectra of an experiment anew."""


def main(arguments: Sequence[str]) -> None:
    match arguments:
        case ["dimension", *overrides]:
            dimensions(overrides)
        case ["errors", experiment, *overrides]:
            errors(experiment, overrides)
        case _:
            sys.exit(__doc__)


def dimensions(overrides: Sequence[str]) -> None:
    """Print the estimates; ``overrides`` say where the data of PZT lie."""
    print(f"| | {' | '.join(f'{group} spectra' for group in GROUPS)} |\n|{'---|' * (len(GROUPS) + 1)}")
    for experiment, key in DRAWN.items():
        own = overrides if experiment == "beps/pzt" else ["data.image_size=8"]  # the picture is not trained on
        for seed in SEEDS:
            spectra = training_spectra(experiment, *own, f"{key}={seed}")
            found = [intrinsic_dimension(spectra, together=group) for group in GROUPS]
            cells = [f"{each.value:.2f} ± {each.error:.2f}" for each in found]
            print(f"| {experiment} {key}={seed} | {' | '.join(cells)} |", flush=True)


def errors(experiment: str, overrides: Sequence[str]) -> None:
    """Train with each number of latents, print the table, and draw it."""
    common = [each for each in overrides if each.startswith("data.")]
    brief = ["baselines=none", "figures=brief", "objective=test/mse"]
    plain = [each for each in overrides if not each.startswith("beta_schedule.")]
    searches = {
        "β-VAE": ("beta_schedule.wanted", ["model=beta_vae_mlp", *overrides]),
        "plain autoencoder": ("model.latents", ["model=autoencoder_mlp", "beta_schedule=none", *plain]),
        "PCA": ("model.n_components", ["model=pca", "beta_schedule=none", *common]),
    }
    measured = {}
    for name, (key, own) in searches.items():
        trials = rm.sweep(experiment, {key: NUMBERS}, *own, *brief).trials
        measured[name] = dict(zip(trials[key].astype(int), trials["test/mse"], strict=True))
    print(f"| latents | {' | '.join(measured)} |\n|{'---|' * (len(measured) + 1)}")
    for number in NUMBERS:
        print(f"| {number} | {' | '.join(f'{by_number[number]:.5f}' for by_number in measured.values())} |")
    found = intrinsic_dimension(training_spectra(experiment, *common)).value
    with styled():
        figure, _ = plot_error_by_number(measured, found=found, title=f"{experiment}: error by the number of latents")
        figure.savefig(FIGURES / f"number_{experiment.rpartition('/')[2]}.png")


def training_spectra(experiment: str, *overrides: str):
    """Return the training spectra of an experiment, (n, steps, channels)."""
    data = rm.open_data(experiment, *overrides)
    return data.x[data.fold.train]


if __name__ == "__main__":
    main(sys.argv[1:])
