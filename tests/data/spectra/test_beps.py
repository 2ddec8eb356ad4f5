import pickle
import socket

import numpy as np
import pytest

from remanence.data.published import PUBLISHED
from remanence.data.spectra.beps import BEPS, CHANNELS, GRID
from remanence.errors import DataError

FILES = ("pizoresponse.npy", "resonance.npy", "voltage.npy")
STEPS = 4


@pytest.fixture(scope="module")
def published(shared_data):
    """The real z-scores: P (3600, 96), ω (3600, 96) and the bias (96,)."""
    return [np.load(shared_data / "beps" / name).squeeze() for name in FILES]


@pytest.fixture
def folder(tmp_path):
    """A folder as the published one, with 4 steps, to be spoilt."""
    rng = np.random.default_rng(0)
    path = tmp_path / "größe = 4"
    path.mkdir()
    np.save(path / FILES[0], rng.normal(size=(3600, STEPS, 1)))
    np.save(path / FILES[1], rng.normal(size=(3600, STEPS)))
    np.save(path / FILES[2], np.linspace(-1, 1, STEPS)[:, None])
    return path


def message(folder, **arguments):
    with pytest.raises(DataError) as caught:
        BEPS(dir=str(folder), **arguments).open()
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    return text


def test_the_published_z_scores_come_back(shared_data, published):
    data = BEPS(dir=str(shared_data / "beps")).open()

    piezoresponse, resonance, _ = published
    for channel, z in enumerate((piezoresponse, resonance)):
        seen = data.x[..., channel]
        assert np.mean(seen == z.astype(np.float32)) > 0.999  # the others round to the next single
        np.testing.assert_allclose(seen, z, rtol=2e-7, atol=1e-12)


def test_the_values_are_in_physical_units(shared_data, published):
    data = BEPS(dir=str(shared_data / "beps")).open()
    piezoresponse, resonance = np.moveaxis(data.measured.values, -1, 0)

    np.testing.assert_allclose(piezoresponse, published[0] * 7.859902800847493e-05 - 1.0487273116670697e-05)
    np.testing.assert_allclose(resonance, published[1] * 3.1454182388943095 + 1324.800141637855)
    assert (piezoresponse.mean(), piezoresponse.std()) == pytest.approx((-1.0487273116670697e-05, 7.8599028e-05))
    assert (resonance.mean(), resonance.std()) == pytest.approx((1324.800141637855, 3.1454182388943095))
    assert 1290 < resonance.min() < resonance.max() < 1350
    np.testing.assert_allclose(data.physical(data.x), data.measured.values, rtol=1e-5, atol=1e-10)


def test_the_bias_is_a_closed_triangle(shared_data):
    axis = BEPS(dir=str(shared_data / "beps")).open().measured.axis

    assert (axis.size, axis[0], axis.min(), axis.max()) == (96, 16, -16, 16)
    np.testing.assert_allclose(np.abs(np.diff(axis)), 2 / 3)
    assert axis[-1] == pytest.approx(16 - 2 / 3)


def test_the_map_is_60_by_60_pixels_of_2_um(shared_data):
    scene = BEPS(dir=str(shared_data / "beps")).open().scene

    assert (scene.shape, scene.side) == ((60, 60), 2.0)
    assert scene.rows.tolist() == list(range(3600))


@pytest.mark.parametrize(("components", "expected"), [(3, 0.0160), (5, 0.00825), (8, 0.0049)])
def test_pca_on_the_held_out_fifth_gives_what_was_measured(shared_data, components, expected):
    data = BEPS(dir=str(shared_data / "beps"), layout="stacked").open()
    x = data.x[..., 0].astype(np.float64)
    assert data.fold.test.tolist() == sorted(np.random.default_rng(0).permutation(3600)[2880:])

    mean = x[data.fold.fitting].mean(axis=0)
    _, _, axes = np.linalg.svd(x[data.fold.fitting] - mean, full_matrices=False)
    held_out = x[data.fold.test] - mean
    error = np.mean((held_out - held_out @ axes[:components].T @ axes[:components]) ** 2)

    assert x.shape == (3600, 192)
    assert error == pytest.approx(expected, rel=0.01)


def test_a_z_score_per_step_comes_from_the_training_pixels(shared_data):
    data = BEPS(dir=str(shared_data / "beps"), scaling="step").open()

    train = data.x[data.fold.train]
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(train.std(axis=0), 1, rtol=1e-4)
    assert data.scaling.mean.shape == (96, 2)


def test_one_channel_is_read_alone(folder):
    (folder / "pizoresponse.npy").unlink()

    data = BEPS(dir=str(folder), channels=["resonance"]).open()

    assert data.x.shape == (3600, STEPS, 1)
    assert data.measured.channels == ("resonance frequency (kHz)",)
    assert [source.name for source in data.sources] == ["resonance.npy", "voltage.npy"]


def test_channels_stand_in_the_order_that_was_asked_for(folder):
    there, back = (BEPS(dir=str(folder), channels=names).open().x for names in (list(CHANNELS), list(CHANNELS)[::-1]))

    np.testing.assert_array_equal(there, back[..., ::-1])


def test_every_file_is_a_source_with_its_digest(shared_data):
    data = BEPS(dir=str(shared_data / "beps")).open()

    assert {source.name: source.digest for source in data.sources} == {
        name: PUBLISHED[f"beps/{name}"].sha256 for name in FILES
    }


def test_the_cache_is_used_without_network(shared_data, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(shared_data))

    assert BEPS().open().x.shape == (3600, 96, 2)


def test_without_the_files_and_without_network_the_way_out_is_named(tmp_path, monkeypatch):
    import pooch

    def refuse(*_, **__):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(pooch, "retrieve", refuse)
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path))

    with pytest.raises(DataError, match=r"beps/voltage\.npy: not in .* or give data\.dir=<folder>"):
        BEPS().open()


def test_pixels_without_a_loop_are_masked(folder, capsys):
    z = np.load(folder / "resonance.npy")
    z[[3, 3599]] = np.nan
    np.save(folder / "resonance.npy", z)

    data = BEPS(dir=str(folder)).open()

    assert np.flatnonzero(~data.valid).tolist() == [3, 3599]
    assert not data.x[[3, 3599]].any()
    assert "2 of 3600 pixels hold no usable spectrum; masked" in capsys.readouterr().out


def test_nothing_but_nan_is_one_line(folder):
    np.save(folder / "resonance.npy", np.full((3600, STEPS), np.nan))

    assert "none of its 3600 pixels" in message(folder)


def test_a_missing_folder_is_one_line(tmp_path):
    assert message(tmp_path / "none") == f"data.dir: no folder '{tmp_path / 'none'}'"


def test_a_file_in_place_of_the_folder_is_one_line(folder):
    assert message(folder / "voltage.npy").startswith("data.dir: no folder")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_one_line(folder, name):
    (folder / name).unlink()

    assert message(folder) == f"{folder / name}: no such file"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "shape", [(3600, STEPS + 1), (STEPS, 3600), (3599, STEPS), (60, 60, STEPS), (3600 * STEPS,), (3600, STEPS, 2)]
)
def test_a_wrong_shape_is_one_line(folder, name, shape):
    if name == "voltage.npy":
        shape, name = (STEPS + 1,), "pizoresponse.npy"  # the file that no longer fits is the next one
        np.save(folder / "voltage.npy", np.zeros(shape))
    else:
        np.save(folder / name, np.zeros(shape))

    text = message(folder)
    assert text.startswith(f"{folder / name}: has the shape (")
    assert "expected (3600, " in text


@pytest.mark.parametrize("bias", [[], [1.0, np.nan, 2.0, 3.0]])
def test_a_bias_that_is_none_is_one_line(folder, bias):
    np.save(folder / "voltage.npy", np.array(bias))

    assert str(folder / "voltage.npy") in message(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_one_line(folder, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-8])

    assert message(folder).startswith(f"{folder / name}: is not a whole .npy file of numbers")


def test_integers_and_single_precision_will_do(folder):
    np.save(folder / "resonance.npy", np.ones((3600, STEPS), dtype=np.float32))
    np.save(folder / "voltage.npy", np.arange(STEPS))

    data = BEPS(dir=str(folder), scaled=True).open()

    assert data.measured.axis.dtype == np.float64
    np.testing.assert_allclose(data.x[..., 1], 1, rtol=1e-6)


def test_opened_loops_can_be_pickled(folder):
    data = BEPS(dir=str(folder)).open()

    again = pickle.loads(pickle.dumps(data))

    np.testing.assert_array_equal(again.x, data.x)
    assert again.scene.shape == GRID


def test_arrays_of_ones_own_are_physical_unless_the_user_says_otherwise(folder, capsys):
    written = np.load(folder / FILES[0]).squeeze()

    physical = BEPS(dir=str(folder), scaled=None).open()
    said = capsys.readouterr().out
    scaled = BEPS(dir=str(folder), scaled=True).open()

    assert "pizoresponse.npy, resonance.npy: not the published content, so taken as physical values" in said
    assert "data.scaled=true" in said
    assert "published" not in capsys.readouterr().out
    np.testing.assert_allclose(physical.measured.values[..., 0], written)
    train = physical.x[physical.fold.train]
    np.testing.assert_allclose(train.mean(axis=(0, 1)), 0, atol=1e-3)
    np.testing.assert_allclose(train.std(axis=(0, 1)), 1, atol=1e-3)
    np.testing.assert_allclose(
        scaled.measured.values[..., 0], written * CHANNELS["piezoresponse"].sd + CHANNELS["piezoresponse"].mean
    )
    np.testing.assert_allclose(scaled.x[..., 0], written, atol=1e-6)


def test_small_loops_in_a_physical_unit_are_not_made_flat(folder):
    loops = 1e-11 * np.tanh(np.random.default_rng(0).normal(size=(3600, STEPS)))
    np.save(folder / FILES[0], loops)

    data = BEPS(dir=str(folder), channels=["piezoresponse"], scaled=None).open()

    assert data.x.std() == pytest.approx(1, rel=0.05)
