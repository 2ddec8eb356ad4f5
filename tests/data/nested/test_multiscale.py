import numpy as np
import pytest
from small_tables import SPLIT, scale

from remanence.data.nested.multiscale import Multiscale
from remanence.errors import ConfigurationError, DataError
from remanence.science.nested.multiscale import COLUMNS, simulate_multiscale

SCALES = {
    "fine": scale("fine", [f"x{number}" for number in range(8)]),
    "middle": scale("middle", [f"x{number}" for number in range(5)], parents=["fine"], join={"fine": "sample"}),
    "coarse": scale("coarse", ["x0", "x1"], parents=["middle"], join={"middle": "sample"}),
}


def multiscale(**keys):
    return Multiscale(scales=SCALES, split=SPLIT, **keys).open()


@pytest.mark.parametrize(("noise", "label"), [(1.0, "1"), (0.1, "1Em1")])
@pytest.mark.parametrize("is_read", [True, False], ids=["read", "simulated"])
def test_rows_are_the_published_arrays(shared_data, noise, label, is_read):
    folder = shared_data / "multiscale"

    chain = multiscale(noise=noise, **({"dir": str(folder)} if is_read else {}))

    arrays = [np.load(folder / f"dataset_scale_{number}_1000_{label}.npy") for number in (1, 2, 3)]
    np.testing.assert_allclose(chain.coarsest.x, np.concatenate([a[:, :-1] for a in arrays], axis=1), rtol=1e-12)
    for level, array in zip(chain.rows.values(), arrays, strict=True):
        np.testing.assert_allclose(level.y, array[:, -1:], rtol=1e-12)


def test_rows_seeds_and_noise_are_those_asked_for():
    options = {"rows": 24, "seed": 3, "noise": 0.5, "noise_seed": 4}

    chain = multiscale(**options)

    for name, array in simulate_multiscale(**options).items():
        level = chain.rows[name]
        own = level.x[:, level.layout["blocks"][name]]
        np.testing.assert_array_equal(np.concatenate([own, level.y], axis=1), array[:, : len(COLUMNS[name])])
    assert chain.synthetic is True


def test_a_draw_is_added_to_both_seeds():
    drawn, typed = multiscale(rows=24, draw=3), multiscale(rows=24, seed=103, noise_seed=45)

    assert [source.digest for source in drawn.sources] == [source.digest for source in typed.sources]


@pytest.mark.parametrize("change", [{"rows": 25}, {"seed": 1}, {"noise": 0.5}, {"noise_seed": 1}, {"draw": 1}])
def test_every_option_changes_the_digest_of_the_rows(change):
    digests = [
        [source.digest for source in multiscale(**{"rows": 24, **options}).sources] for options in ({}, {}, change)
    ]

    assert digests[0] == digests[1]
    assert digests[0][-1] != digests[2][-1]
    assert [source.name for source in multiscale(rows=24).sources] == [f"{name} (synthetic)" for name in COLUMNS]
    assert {source.kind for source in multiscale(rows=24).sources} == {"simulated"}


def test_all_scales_of_a_sample_are_held_out_together():
    chain = multiscale(rows=30)

    for level in chain.rows.values():
        assert level.frame["sample"].tolist() == list(range(30))
        assert level.folds is chain.folds


def test_a_scale_on_a_table_that_is_none_is_named():
    with pytest.raises(ConfigurationError, match=r"unknown table 'atoms'; there are: fine, middle, coarse$"):
        Multiscale(scales={"a": scale("atoms", ["x0"])}, split=SPLIT, rows=24).open()


def test_a_column_that_is_none_is_named():
    with pytest.raises(
        ConfigurationError, match=r"^model.scales.a.inputs: table 'fine' has no column 'x9'; it begins: "
    ):
        Multiscale(scales={"a": scale("fine", ["x9"])}, split=SPLIT, rows=24).open()
    with pytest.raises(ConfigurationError, match=r"^model.scales.a.heads.h: table 'fine' has no column 'z'$"):
        Multiscale(scales={"a": scale("fine", ["x0"], "z")}, split=SPLIT, rows=24).open()


def test_a_folder_without_the_arrays_is_named(tmp_path):
    with pytest.raises(DataError, match=r"dataset_scale_1_1000_1.npy: no such file"):
        multiscale(dir=str(tmp_path))
