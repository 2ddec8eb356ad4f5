"""The report that a finished run on spectra prints: metrics of the model and its baselines on the same pixels."""

from collections.abc import Mapping, Sequence

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.foundation.terminal import console
from remanence.studies.presentation import OWN, print_models, print_whereabouts, with_spread
from remanence.studies.spectra.moving_latents import told_movements
from remanence.studies.spectra.physics import why_no_loops
from remanence.tracking.run import Run

SHOWN = {
    "test/mse": "MSE",
    "test/mse_amortised": "as it encodes",
    "test/mse_sampled": "by samples",
    "test/mse_painting": "painting",
    "test/active_units": "active units",
    "test/disentanglement": "DCI",
    "test/physics/loops/concavity_recall": "concavities found",
    "test/physics/generated/single/spacings_p95": "generated, spacings",
    "fit_seconds": "fit (s)",
}


def print_report(
    tracked: Run, metrics: Mapping[str, float], baselines: Sequence[str], data: OpenedSpectra, *, brief: bool
) -> None:
    """Print the test metrics of the model and its baselines.

    Args:
        tracked: finished run.
        metrics: all final metrics of the run.
        baselines: names of the baselines.
        data: opened spectra, for names and the number of test pixels.
        brief: whether to print one line only, as the trials of a sweep do.
    """
    name = tracked.name
    kept, used = (int(metrics.get(f"test/{key}", 0)) for key in ("kept_latents", "active_units"))
    if brief:
        units = f", {used} active units" if "test/active_units" in metrics else ""
        units += f" of {kept} kept" if used < kept else ""
        console.print(f"{name}: test MSE {metrics['test/mse']:.5f}{units}  {tracked.id}")
        return
    rows = {OWN: "", **{baseline: f"baseline/{baseline}/" for baseline in baselines}}
    columns = {
        key: label for key, label in SHOWN.items() if any(f"{prefix}{key}" in metrics for prefix in rows.values())
    }
    title = f"{len(data.fold.test)} test spectra of {data.source.name}, squared z-scores"
    best = min(rows.values(), key=lambda prefix: metrics[f"{prefix}test/mse"])

    def values(prefix: str) -> list[str]:
        return [with_spread(metrics, f"{prefix}{key}") for key in columns]

    print_models(title, columns.values(), [(label, values(prefix), prefix == best) for label, prefix in rows.items()])
    if best:
        console.print(
            f"{best.split('/')[1]} reconstructs these spectra better than the model of this run.", style="yellow"
        )
    for key, value in metrics.items():
        if key.startswith("test/knn_r2/"):
            console.print(f"{key.rpartition('/')[2]} explained by the active latents: kNN R² {value:.3f}")
    for line in told_movements(metrics, data):
        console.print(line)
    if (turned := metrics.get("test/yardstick/disentanglement")) is not None:
        console.print(
            f"DCI and MIG to compare with: {turned:.2f} and {metrics['test/yardstick/mig']:.2f}, those of the true "
            f"factors turned at random, over {metrics['test/factor_rows']:.0f} spectra"
        )
    if (additivity := metrics.get("test/additivity")) is not None:
        console.print(f"additivity of the decoder: {additivity:.2f} (1: each latent adds its own spectrum)")
    if (dimension := metrics.get("data/intrinsic_dimension")) and "test/natural_active_units" in metrics:
        console.print(
            f"the spectra have {dimension:.1f} dimensions (two nearest of a hundred); β alone left "
            f"{metrics['test/natural_active_units']:.0f} latents active"
        )
    if used < kept:
        console.print(
            f"{kept} latents were kept, but only {used} of them are active: the spectra hold no more for this network",
            style="yellow",
        )
    reason = None if data.synthetic else why_no_loops(data)
    if reason is not None:
        console.print(f"loop parameters are not measured: {reason}")
    print_whereabouts(tracked, name)
