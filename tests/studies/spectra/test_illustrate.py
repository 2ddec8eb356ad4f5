from dataclasses import replace

import imageio.v2 as imageio
import numpy as np
import pytest
import torch

from remanence.data.source import Source
from remanence.data.spectra.measurement import Factors, Measurement, Scene
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.toy import Toy
from remanence.models.beta_vae import BetaVAE
from remanence.models.dictionary_learning import DictionaryLearning
from remanence.models.nmf import NMF
from remanence.models.pca import PCA
from remanence.science.unmixing.disentanglement import Agreement
from remanence.studies.spectra import illustrate, movies
from remanence.studies.spectra.fit import embed_all, fit_spectra
from remanence.studies.spectra.illustrate import illustrate_all, illustrate_fit
from remanence.studies.spectra.latents import added_by, all_models, strongest_first
from remanence.studies.spectra.movies import make_movies
from remanence.studies.spectra.stage_embeddings import stage_embeddings
from remanence.studies.spectra.staging import Stage

MASKED = 13


class Loops(Spectra):
    """Loops of two channels from two factors on a map of 8 × 10 pixels, one of them masked."""

    def __init__(self, *, mapped=True, synthetic=False):
        super().__init__(split={"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0})
        self.mapped, self.simulated = mapped, synthetic

    def read(self):
        random = np.random.default_rng(0)
        factors = random.normal(size=(80, 2))
        bias = 10 * np.cos(np.linspace(0, 2 * np.pi, 12, endpoint=False))
        shapes = np.stack([np.tanh(bias / 4), np.abs(bias) / 10])  # (factors, steps)
        values = np.stack([3 * factors[:, :1] * shapes[0], 1325 + factors @ shapes], axis=2)
        values += random.normal(scale=0.05, size=values.shape)
        values[MASKED] = np.nan
        return Measurement(
            values=values,
            axis=bias,
            axis_label="DC bias (V)",
            channels=("piezoresponse (arb. units)", "resonance frequency (kHz)"),
            sources=(Source("loops", "here", "0", "local"),),
            scene=Scene("map", np.arange(80), (8, 10), 2.0) if self.mapped else None,
            factors=Factors(("tilt", "softening"), factors),
            synthetic=self.simulated,
        )


class Tracked:
    """Keeps what a run would log."""

    def __init__(self, folder):
        self.checkpoints = self.folder = folder
        self.figures, self.movies = {}, []

    def log_figure(self, figure, name):
        assert name not in self.figures
        self.figures[name] = figure

    def history(self, key):
        return np.arange(6), np.linspace(1, 0.1, 6)

    def movie_path(self, name):
        return self.folder / name

    def log_movie(self, path):
        self.movies.append(path.name)


@pytest.fixture
def tracked(tmp_path, monkeypatch):
    monkeypatch.setattr(illustrate, "POSITIONS", 5)
    monkeypatch.setattr(movies, "FRAMES", 4)
    return Tracked(tmp_path)


@pytest.fixture(scope="module")
def data():
    return Loops().open()


@pytest.fixture(scope="module")
def pca(data):
    return fit_spectra(PCA(**data.shape, n_components=2), data)


@pytest.fixture(scope="module")
def dictionary(data):
    return fit_spectra(DictionaryLearning(**data.shape, n_components=2, alphas=[0.1, 1.0]), data)


@pytest.fixture
def network(data):
    torch.manual_seed(0)
    plain = {"read_out": "last", "positions": False, "inference_steps": 0}
    model = BetaVAE(**data.shape, latents=4, cell="mlp", patch=None, units=4, blocks=1, layers=1, dense=4, **plain)
    return replace(embed_all(model, data), kl=np.array([0.3, 0.0, 2.0, 0.01]), best_epoch=5)


def agreed(latents, factors):
    return Agreement({}, *[np.full((latents, factors), 0.5)] * 3)


def titles(figure):
    return [ax.get_title() for ax in figure.axes if ax.get_title()]


def test_every_run_shows_its_maps_and_reconstructions(tracked, pca, dictionary, data):
    illustrate_fit(tracked, pca, {"dictionary_learning": dictionary}, data)

    assert set(tracked.figures) == {"embedding_maps", "reconstructions"}
    assert tracked.figures["embedding_maps"].get_suptitle() == "PCA"
    assert titles(tracked.figures["embedding_maps"]) == ["1", "2"]
    (legend,) = tracked.figures["reconstructions"].legends
    assert [text.get_text() for text in legend.get_texts()] == ["measured", "PCA (this run)", "dictionary learning"]


def test_masked_pixels_are_empty_and_scores_of_linear_methods_are_standardised(tracked, pca, data):
    illustrate_fit(tracked, pca, {}, data)

    for ax in tracked.figures["embedding_maps"].axes[:2]:
        scores = ax.images[0].get_array()
        assert np.flatnonzero(scores.mask).tolist() == [MASKED]
        assert scores.mean() == pytest.approx(0, abs=1e-9)
        assert scores.std() == pytest.approx(1)


def test_reconstructions_are_those_of_test_spectra_ranked_by_the_model_of_the_run(tracked, pca, dictionary, data):
    illustrate_fit(tracked, pca, {"dictionary_learning": dictionary}, data)

    shown = [int(title.split("pixel ")[1].split("\n")[0]) for title in titles(tracked.figures["reconstructions"])[:3]]
    errors = ((pca.reconstruction - data.x) ** 2).mean(axis=(1, 2))
    assert set(shown) <= set(data.fold.test)
    assert shown[0] == min(data.fold.test, key=lambda pixel: errors[pixel])
    assert shown[2] == max(data.fold.test, key=lambda pixel: errors[pixel])


def test_a_network_shows_its_schedule_and_which_latents_are_active(tracked, network, data):
    network = replace(
        network,
        kl_history=np.ones((8, 4)),
        beta_history=np.linspace(0, 1, 8),
        stages=[Stage(0, 1, 0.0, 0.2, 4), Stage(1, 7, 1.0, 0.1, 2)],
    )

    illustrate_fit(tracked, network, {}, data)

    schedule = tracked.figures["schedule_curves"]
    assert schedule.axes[3].lines[0].get_xdata().tolist() == [0, 1, 2, 3, 4, 5]  # of eight epochs, six were logged
    assert schedule.get_suptitle() == "β-VAE"
    assert titles(tracked.figures["embedding_maps"])[:2] == ["1: KL 0.30", "2: inactive, KL 0.00"]


def test_a_linear_run_shows_everything_but_the_posterior(tracked, pca, dictionary, data):
    illustrate_all(tracked, pca, {"dictionary_learning": dictionary}, data, agreed=agreed(2, 2))

    assert set(tracked.figures) == {
        "step_errors",
        "error_maps",
        "error_maps_close",
        "novelty_maps",
        "traversal",
        "model_comparison",
        "latent_factors",
        "alpha_grid_dictionary_learning",
    }
    paper, close = (tracked.figures[name].axes[0].images[0].get_clim() for name in ("error_maps", "error_maps_close"))
    assert paper == (0, 0.5)
    assert 0 < close[1] < 0.1


def test_traversals_have_the_active_latents_strongest_first_and_counted_from_one(tracked, network, data):
    illustrate_all(tracked, network, {}, data, agreed=agreed(2, 2))

    bars = [ax.get_ylabel() for ax in tracked.figures["traversal"].axes if ax.get_ylabel().startswith("latent")]
    assert bars == ["latent 3", "latent 1"]
    assert titles(tracked.figures["inactive_channels"]) == ["1: active", "2: masked", "3: active", "4: inactive"]


def test_what_each_latent_of_a_network_adds_is_nothing_where_it_is_at_its_median(network, data):
    positions, added = added_by(network, data, 2, frames=5)

    known = network.embedding[data.valid]
    assert positions[[0, -1]] == pytest.approx(np.percentile(known[:, 2], [1, 99]))
    assert np.isfinite(added).all()
    middle = replace(network, embedding=np.tile(np.median(known, axis=0), (len(network.embedding), 1)))
    assert added_by(middle, data, 2, frames=5)[1] == pytest.approx(0, abs=1e-12)


def test_contributions_have_the_active_latents_strongest_first(tracked, network, data):
    illustrate_all(tracked, network, {}, data, agreed=agreed(2, 2))

    labels = [ax.get_ylabel().split("\n")[0] for ax in tracked.figures["contributions"].axes]
    assert [label for label in labels if label.startswith("latent")] == ["latent 3", "latent 1"]


def test_the_deviation_of_the_posterior_is_shown_below_each_active_latent(tracked, network, data):
    illustrate_all(tracked, network, {}, data, agreed=agreed(2, 2))

    maps = tracked.figures["posterior_maps"].axes
    assert [ax.get_title() for ax in maps[:2]] == ["latent 3", "latent 1"]
    shown = maps[3].images[0].get_array()
    assert np.flatnonzero(shown.mask).tolist() == [MASKED]
    expected = np.exp(network.log_variance[:, 0] / 2)
    known = np.delete(expected, MASKED)
    np.testing.assert_allclose(shown.compressed(), known / np.median(known), rtol=1e-6)


def test_the_novelty_of_held_out_pixels_is_their_rank(tracked, pca, data):
    illustrate_all(tracked, pca, {}, data, agreed=agreed(2, 2))

    shown = tracked.figures["novelty_maps"].axes[1].images[0].get_array()
    held_out = len(data.fold.test)
    ranks = np.sort(shown.ravel()[data.fold.test].data)
    np.testing.assert_allclose(ranks, np.arange(held_out) / (held_out + 1))


def test_a_network_without_an_active_latent_is_drawn_all_the_same(tracked, network, data):
    illustrate_all(tracked, replace(network, kl=np.zeros(4)), {}, data)
    make_movies(tracked, replace(network, kl=np.zeros(4)), {}, data)

    assert {"error_maps", "inactive_channels"} <= set(tracked.figures)
    assert not {"traversal", "model_comparison", "latent_factors"} & set(tracked.figures)
    assert tracked.movies == []


def test_spectra_without_a_map_have_no_maps(tracked, dictionary):
    unmapped = Loops(mapped=False, synthetic=True).open()

    illustrate_fit(tracked, dictionary, {}, unmapped)
    illustrate_all(tracked, dictionary, {}, unmapped, agreed=agreed(2, 2))
    make_movies(tracked, dictionary, {}, unmapped)

    assert set(tracked.figures) == {"reconstructions", "step_errors", "latent_factors", "alpha_grid"}
    assert tracked.figures["latent_factors"].get_suptitle() == "dictionary learning (synthetic data)"
    assert tracked.movies == []


def test_the_toy_problem_shows_its_spectra_and_the_gamut(tracked):
    toy = Toy(colours=60, validation=10, gamut=30, image_size=12, scaling="step").open()
    unmixed = fit_spectra(PCA(**toy.shape, n_components=3), toy)

    illustrate_all(tracked, unmixed, {}, toy, agreed=agreed(3, 3))

    assert {"gamut", "toy_spectra"} <= set(tracked.figures)


def test_components_of_any_length_are_ordered_by_what_they_add_to_the_spectra(data):
    unmixed = fit_spectra(NMF(**data.shape, n_components=2), data)
    order = strongest_first(unmixed, data)

    unmixed.model.fitted_["atoms"][order[1]] *= 1e-3  # the same reconstruction by shorter components
    unmixed.embedding[:, order[1]] *= 1e3

    assert strongest_first(unmixed, data) == order


def test_a_baseline_of_the_same_kind_keeps_its_place(pca):
    assert list(all_models(pca, {"pca": pca, "nmf_8": pca})) == ["PCA (this run)", "PCA", "nmf 8"]


def test_movies_run_along_the_latents_of_the_model_and_of_dictionary_learning(tracked, pca, dictionary, data):
    make_movies(tracked, pca, {"pca": pca, "dictionary_learning": dictionary}, data)

    files = ("traversal", "traversal_dictionary_learning")
    assert tracked.movies == [f"{file}.{ending}" for file in files for ending in ("mp4", "gif")]
    with imageio.get_reader(tracked.folder / "traversal.mp4") as movie:
        assert movie.count_frames() == 2 * 4


def test_a_movie_shows_the_maps_that_each_stage_left_and_the_model_keeps_its_weights(tracked, network, data):
    own = {name: value.clone() for name, value in network.model.state_dict().items()}
    stages = [Stage(number, number, 0.1, 0.2, 4) for number in range(3)]
    for stage in stages[:2]:  # the checkpoint of the third is missing
        weights = {name: value * stage.number for name, value in own.items()}
        torch.save(weights, tracked.checkpoints / f"stage_{stage.number:03d}.ckpt")

    embedded = stage_embeddings(network.model, data.x, stages, tracked.checkpoints)
    make_movies(tracked, replace(network, stages=stages), {}, data, embedded)

    assert [stage.number for stage, _ in embedded] == [0, 1]
    assert not embedded[0][1].any()
    np.testing.assert_allclose(embedded[1][1], network.embedding)
    assert all(torch.equal(own[name], value) for name, value in network.model.state_dict().items())
    with imageio.get_reader(tracked.folder / "training.mp4") as movie:
        assert movie.count_frames() == 3
