import hashlib

import numpy as np
import pandas as pd
import pytest
from small_tables import SPLIT, scale

from remanence.data.nested.perovskite import FILES, Perovskite
from remanence.errors import ConfigurationError, DataError
from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.descriptors import FEATURES, describe
from remanence.science.nested.solvents import SOLVENT_DESCRIPTORS, describe_solvents

IONS = scale("gaps", ["A_IONRAD", "B_EA", "X_En"], ["gap"])
SOLVENT = scale("binding", ["SOLV_DENSITY", "solvent"], ["binding_energy"], parents=["ions"])
DEVICE = scale("devices", ["etl"], ["pce"], parents=["ions"])


@pytest.fixture
def perovskite(shared_data):
    """Open a chain on the published tables."""

    def run(scales, **keys):
        return Perovskite(dir=str(shared_data / "perovskite"), scales=scales, split=SPLIT, **keys).open()

    return run


def test_rows_are_the_published_ones_with_descriptors_of_their_compositions(perovskite, shared_data):
    chain = perovskite({"solvent": SOLVENT, "ions": IONS}, bins={"gaps": 10, "binding": 5})

    folder = shared_data / "perovskite"
    gaps = pd.read_csv(folder / FILES["gaps"][0], encoding="utf-8-sig")
    binding = pd.read_csv(folder / FILES["binding"][0], encoding="utf-8-sig")
    ions, solvent = chain.rows.values()
    np.testing.assert_array_equal(ions.y[:, 0], gaps["Gap"])
    np.testing.assert_array_equal(solvent.y[:, 0], binding["Target"])
    np.testing.assert_allclose(ions.x, gaps[["A_IONRAD", "B_EA", "X_En"]], rtol=2e-4, atol=6e-4)
    names = sorted(set(binding["SOLVENT"]))
    assert solvent.columns.inputs == [*("A_IONRAD", "B_EA", "X_En", "SOLV_DENSITY"), *(f"solvent={n}" for n in names)]
    fractions = ion_fractions(solvent.frame["composition"])
    columns = [FEATURES.index(name) for name in ("A_IONRAD", "B_EA", "X_En")]
    np.testing.assert_array_equal(solvent.x[:, :3], describe(fractions)[:, columns])
    density = describe_solvents(binding["SOLVENT"])[:, SOLVENT_DESCRIPTORS.index("SOLV_DENSITY")]
    np.testing.assert_array_equal(solvent.x[:, 3], density)
    np.testing.assert_array_equal(solvent.x[:, 4:], pd.get_dummies(binding["SOLVENT"])[names])
    assert ions.columns.label("gap") == "gap (eV)"
    assert solvent.columns.label("binding_energy") == "binding_energy (kJ/mol)"
    assert ions.columns.label("A_IONRAD") != "A_IONRAD"


def test_every_published_file_read_is_a_source(perovskite, shared_data):
    chain = perovskite({"ions": IONS, "device": DEVICE})

    assert [source.name for source in chain.sources] == [FILES["gaps"][0], FILES["devices"][0]]
    for source in chain.sources:
        content = (shared_data / "perovskite" / source.name).read_bytes()
        assert (source.digest, source.kind) == (hashlib.sha256(content).hexdigest(), "local")
    assert chain.synthetic is False


def test_the_transport_layers_of_devices_are_categories(perovskite):
    chain = perovskite({"ions": IONS, "device": DEVICE})

    layers = [name for name in chain.coarsest.columns.inputs if name.startswith("etl=")]
    assert len(layers) == chain.coarsest.frame["etl"].nunique() == 7
    assert chain.coarsest.layout["categories"] == [list(range(7))]
    assert chain.coarsest.x.shape == (2018, 10)


def test_rows_of_one_composition_stay_together_where_asked(perovskite):
    chain = perovskite({"ions": IONS, "solvent": SOLVENT}, groups="composition")

    formulas = chain.coarsest.frame["composition"].to_numpy()
    for fold in chain.folds:
        assert not set(formulas[fold.test]) & set(formulas[fold.fitting])
        assert not set(formulas[fold.train]) & set(formulas[fold.validation])


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ({"ions": {**IONS, "data": "gap"}}, "model.scales.ions.data: unknown table 'gap'; there are: gaps, "),
        ({"ions": scale("gaps", ["A_RADIUS"], ["gap"])},
         "model.scales.ions.inputs: table 'gaps' has no column 'A_RADIUS'; it begins: "),
        ({"ions": scale("gaps", ["A_MASS"], ["pce"])}, "model.scales.ions.heads.h: table 'gaps' has no column 'pce'"),
        ({"ions": scale("gaps", ["A_MASS", "gap"], ["gap"])}, "model.scales.ions: column 'gap' is both"),
        ({"ions": IONS, "device": {**DEVICE, "join": {"ions": "number"}}},
         "model.scales.device.join.ions: the table of 'device' has no column 'number'"),
    ],
)  # fmt: skip
def test_what_the_published_tables_do_not_have_is_named(perovskite, scales, message):
    with pytest.raises(ConfigurationError) as caught:
        perovskite(scales)

    assert str(caught.value).startswith(message)


def test_devices_whose_composition_has_no_gap_cannot_be_joined(perovskite):
    with pytest.raises(DataError, match=r"^PSC_efficiencies_dataset.csv: row \d+, column 'composition' is '.*', which"):
        perovskite({"ions": IONS, "device": {**DEVICE, "join": {"ions": "composition"}}})


def test_groups_that_a_table_does_not_have_are_named(perovskite):
    with pytest.raises(ConfigurationError, match=r"^data.groups: table 'gaps' has no column 'lot'$"):
        perovskite({"ions": IONS}, groups="lot")


def test_a_folder_without_the_files_is_named(tmp_path):
    with pytest.raises(DataError, match=rf"^data.dir: {tmp_path} has no file {FILES['gaps'][0]}$"):
        Perovskite(dir=str(tmp_path), scales={"ions": IONS}, split=SPLIT).open()
