import pytest
from test_experiments import EXPERIMENTS

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.studies.kinds import checked

PEROVSKITE = ["experiment=nested/perovskite", "baselines=none"]
SYNTHETIC = ["experiment=nested/synthetic", "baselines=none", "data.rows=60"]
OWN = ["data=chain", "model=nested_ae", "data.tables={own: {path: own.csv}}"]


def own_scale(**keys):
    """Write a scale in Hydra's grammar."""
    given = {"data": "own", "inputs": "[x]", "latent_dim": "2", **keys}
    return "model.scales={only: {" + ", ".join(f"{key}: {value}" for key, value in given.items() if value) + "}}"


FOR_ROWS = "is a model for data of kind 'table'"
ION_KEYS = "data, inputs, latent_dim, parents, join, encoder, heads, decoder"
BAD_CHAINS = {
    "unknown key of a scale": ([*PEROVSKITE, "model.scales.ions.latnet_dim=3"],
        "model.scales.ions.latnet_dim: unknown key; did you mean 'model.scales.ions.latent_dim'?"),
    "unknown key of a scale with +": ([*PEROVSKITE, "+model.scales.ions.latnet_dim=3"],
        "model.scales.ions.latnet_dim: unknown key; did you mean 'latent_dim'?"),
    "unknown key of a part of a scale": ([*PEROVSKITE, "model.scales.ions.encoder.hiden=[3]"],
        "model.scales.ions.encoder.hiden: unknown key; did you mean 'model.scales.ions.encoder.hidden'?"),
    "unknown key of a part of a scale with +": ([*PEROVSKITE, "+model.scales.ions.encoder.hiden=[3]"],
        "model.scales.ions.encoder.hiden: unknown key; did you mean 'hidden'?"),
    "unknown key that is like none": ([*PEROVSKITE, "+model.scales.ions.zzz=3"],
        f"model.scales.ions.zzz: unknown key; model.scales.ions has: {ION_KEYS}"),
    "unknown key of a head": ([*PEROVSKITE, "+model.scales.ions.heads.gap.widht=3"],
        "model.scales.ions.heads.gap.widht: unknown key; did you mean 'weight'?"),
    "unknown key of a scale with a key's name": ([*OWN, "model.scales={data: {data: own, encoder: {hiden: 1}}}"],
        "model.scales.data.encoder.hiden: unknown key; did you mean 'hidden'?"),
    "unknown scale": ([*PEROVSKITE, "model.scales.iones.latent_dim=3"],
        "model.scales.iones: unknown key; did you mean 'ions'?"),
    "scale of another model": (["experiment=piezo/single", "model.scales.ions.latent_dim=3"],
        "model.scales: unknown key; there are: _target_, "),
    "unknown key of a table": ([*OWN[:2], "data.tables={own: {pth: own.csv}}", own_scale()],
        "data.tables.own.pth: unknown key; did you mean 'path'?"),
    "text for a number": ([*PEROVSKITE, "model.scales.ions.latent_dim=many"],
        "model.scales.ions.latent_dim: should be a valid integer, got 'many'"),
    "no latents": ([*PEROVSKITE, "model.scales.ions.latent_dim=0"],
        "model.scales.ions.latent_dim: should be greater than or equal to 1, got 0"),
    "text in a list of numbers": ([*PEROVSKITE, "model.scales.ions.encoder.hidden=[8,x]"],
        "model.scales.ions.encoder.hidden.1: should be a valid integer, got 'x'"),
    "number for a join": ([*PEROVSKITE, "+model.scales.solvent.join={ions: 3}"],
        "model.scales.solvent.join.ions: should be a valid string, got 3"),
    "unknown kind of head": ([*PEROVSKITE, "model.scales.ions.heads.gap.kind=regresion"],
        "model.scales.ions.heads.gap.kind: should be one of 'regression', 'classification', got 'regresion'"),
    "no kind of head": ([*PEROVSKITE, "+model.scales.ions.heads.b={columns: [gap]}"],
        "model.scales.ions.heads.b.kind: must be given"),
    "unknown loss of a head": ([*PEROVSKITE, "model.scales.ions.heads.gap.loss=mea"],
        "model.scales.ions.heads.gap.loss: should be 'mae', 'mse' or 'huber', got 'mea'"),
    "latents left out": ([*OWN, own_scale(latent_dim=None)], "model.scales.only.latent_dim: must be given"),
    "latents still to be given": ([*PEROVSKITE, "model.scales.ions.latent_dim=???"],
        "model.scales.ions.latent_dim: must be given; add model.scales.ions.latent_dim=…"),
    "nothing given": (["data=chain", "model=nested_ae"],
        "data.tables: must be given; add data.tables=… model.scales=…"),
    "bins of no table": ([*SYNTHETIC, "+data.bins.atoms=3"],
        "data.bins: unknown table 'atoms'; there are: fine, middle, coarse"),
    "no bins": ([*SYNTHETIC, "+data.bins.fine=0"], "data.bins.fine: should be greater than or equal to 1, got 0"),
    "unknown table": ([*SYNTHETIC, "model.scales.fine.data=atoms"],
        "model.scales.fine.data: unknown table 'atoms'; there are: fine, middle, coarse"),
    "unknown column": ([*SYNTHETIC, "model.scales.coarse.inputs=[x0,x7]"],
        "model.scales.coarse.inputs: table 'coarse' has no column 'x7'"),
    "unknown property": ([*SYNTHETIC, "model.scales.fine.heads.y.columns=[z]"],
        "model.scales.fine.heads.y: table 'fine' has no column 'z'"),
    "property that is an input": ([*SYNTHETIC, "model.scales.fine.inputs=[x0,y]"],
        "model.scales.fine: column 'fine.y' is both input and property"),
    "unknown parent": ([*SYNTHETIC, "model.scales.coarse.parents=[midle]"],
        "model.scales.coarse.parents: unknown scale 'midle'; there are: fine, middle, coarse"),
    "join with a scale that is no parent": ([*SYNTHETIC, "+model.scales.coarse.join={fine: sample}"],
        "model.scales.coarse.join: 'fine' is not one of its parents: ['middle']"),
    "join by a column that is not there": ([*SYNTHETIC, "model.scales.coarse.join.middle=lot"],
        "model.scales.coarse.join.middle: the table of 'coarse' has no column 'lot'"),
    "cycle": ([*SYNTHETIC, "model.scales.fine.parents=[coarse]"], "model.scales: a cycle of parents: "),
    "no property to predict": ([*SYNTHETIC, "~model.scales.middle.heads.y"],
        "model.scales.middle.heads: at least one must be a regression"),
    "tables without scales": ([*PEROVSKITE, "model=dnn"],
        f"model: DNN {FOR_ROWS}, and Perovskite is of kind 'chain': add model=nested_ae"),
    "a baseline as the model": ([*PEROVSKITE, "model=random_forest"],
        f"model: RandomForest {FOR_ROWS}, and Perovskite is of kind 'chain': add model=nested_ae"),
    "the other autoencoder as the model": ([*SYNTHETIC, "model=single_autoencoder"],
        f"model: SingleAutoencoder {FOR_ROWS}, and Multiscale is of kind 'chain': add model=nested_ae"),
    "a chain of tables with what stands in train.yaml": (["data=perovskite"],
        f"model: DNN {FOR_ROWS}, and Perovskite is of kind 'chain': add model=nested_ae"),
    "scales without tables": (["experiment=piezo/single", "model=nested_ae_perovskite"],
        "model: NestedAE is a model for data of kind 'chain', and NBBT is of kind 'table': add model=additive or "),
    "folder without the files": ([*PEROVSKITE, "data.dir=nowhere"],
        "data.dir: nowhere has no file perov_bandgaps_PBE.csv"),
    "folds that the coarsest table has no rows for": ([*SYNTHETIC, "data.split.folds=61"],
        "data.split.folds: 61 folds need at least 61 rows, fine (synthetic) has 60"),
}  # fmt: skip


@pytest.mark.parametrize(("overrides", "message"), BAD_CHAINS.values(), ids=BAD_CHAINS)
def test_a_bad_chain_is_one_line(command, all_runs, overrides, message):
    result = command("train", *overrides)

    assert result.code == 2, result.err
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: {message}")
    assert all_runs() == []


def test_a_wrong_scale_stops_a_sweep_before_its_first_job(command, all_runs):
    result = command("train", "-m", *SYNTHETIC, "model.scales.fine.latent_dim=2,0")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "model.scales.fine.latent_dim: should be greater than or equal to 1, got 0" in line
    assert all_runs() == []


def test_scales_can_be_changed_from_the_command_line_and_the_data_follow():
    widths = ["model.scales.ions.latent_dim=8", "model.scales.solvent.latent_dim=4"]

    cfg = checked(compose([*PEROVSKITE, *widths]))

    assert [scale["latent_dim"] for scale in cfg.model["scales"].values()] == [8, 4]
    assert cfg.data["scales"] == cfg.model["scales"]


def test_a_head_can_be_added_from_the_command_line():
    head = "+model.scales.solvent.heads.solvent={kind: classification, columns: [solvent]}"

    cfg = checked(compose([*PEROVSKITE, head]))

    added = {"kind": "classification", "columns": ["solvent"]}
    assert cfg.model["scales"]["solvent"]["heads"]["solvent"] == added


@pytest.mark.parametrize("experiment", [name for name in EXPERIMENTS if name.startswith("nested/")])
def test_every_nested_experiment_can_be_built(shared_data, experiment):
    cfg = checked(compose([f"experiment={experiment}"]))
    if "Perovskite" in cfg.data["_target_"]:
        cfg.data["dir"] = str(shared_data / "perovskite")

    data = build("data", cfg.data).open()
    model = build("model", cfg.model, **data.shape)
    baselines = [build("baselines", node, **data.flat_shape) for node in cfg.baselines.values()]

    assert list(model.ending_in(data.coarsest.name).scales) == list(data.coarsest.inputs)
    assert all(hasattr(baseline, "predict") for baseline in baselines)
    for level in data.rows.values():
        tested = sorted(row for fold in level.folds for row in fold.test)
        assert tested == list(range(len(level.x)))
