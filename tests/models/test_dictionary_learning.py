import numpy as np
import pytest
from scipy.optimize import minimize

from remanence.models.dictionary_learning import DictionaryLearning
from remanence.science.unmixing.toy import toy_spectra

RANDOM = np.random.default_rng(0)
COLOURS = RANDOM.uniform(size=(6000, 3))
ALPHAS = [0.3, 1.0, 3.0]


@pytest.fixture(scope="module")
def toy():
    """4000 and 2000 random colours, z-scores per step, (n, 25, 1)."""
    spectra = toy_spectra(COLOURS)
    return np.split(((spectra - spectra.mean(axis=0)) / spectra.std(axis=0))[..., None], [4000])


@pytest.fixture(scope="module")
def learnt(toy):
    """The paper's choice for the toy spectra."""
    return DictionaryLearning(steps=25, channels=1, n_components=3, alpha=0.57).fit(toy[0])


def coded(model, **arguments):
    """Return the same dictionary with another way of coding."""
    other = DictionaryLearning(**model.hparams | arguments)
    other.fitted_ = model.fitted_
    return other


def mse(model, spectra):
    return np.mean((model.reconstruct(spectra) - spectra) ** 2)


@pytest.mark.parametrize(
    ("coding", "low", "high"),
    [
        ({"transform_alpha": 1.0}, 0.186, 0.205),
        ({}, 0.138, 0.148),
        ({"transform": "lasso_cd"}, 0.138, 0.148),
        ({"transform": "omp"}, 0.105, 0.115),
    ],
)
def test_toy_spectra_leave_the_known_error_with_each_way_of_coding(toy, learnt, coding, low, high):
    assert low < mse(coded(learnt, **coding), toy[1]) < high


def test_real_loops_leave_the_known_error_with_each_way_of_coding(shared_data):
    loops = [np.load(shared_data / "beps" / f"{name}.npy").reshape(3600, 96) for name in ("pizoresponse", "resonance")]
    test, train = np.split(np.stack(loops, axis=-1)[np.random.default_rng(1).permutation(3600)], [720])

    model = DictionaryLearning(steps=96, channels=2).fit(train)

    assert mse(model, test) == pytest.approx(0.0263, rel=0.06)
    assert mse(coded(model, transform="omp"), test) == pytest.approx(0.0124, rel=0.08)


@pytest.mark.parametrize("transform", ["lasso_lars", "lasso_cd"])
def test_the_embedding_minimises_the_objective_of_the_paper(toy, learnt, transform):
    model, spectrum = coded(learnt, transform=transform), toy[1][:1]
    flat, atoms = spectrum.ravel(), model.components[..., 0]

    def objective(weights):
        return np.sum((flat - weights @ atoms) ** 2) / 2 + 0.57 * np.abs(weights).sum()

    weights = model.embed(spectrum)[0]
    best = minimize(objective, weights, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    assert objective(weights) == pytest.approx(best.fun, rel=1e-5)


def test_a_larger_penalty_makes_sparser_and_smaller_embeddings(toy, learnt):
    weak, strong = (coded(learnt, transform_alpha=alpha).embed(toy[1]) for alpha in (0.1, 3.0))

    assert np.abs(strong).sum() < np.abs(weak).sum()
    assert (strong == 0).mean() > 2 * (weak == 0).mean()


@pytest.mark.parametrize("allowed", [1, 2, 3, 9])
def test_matching_pursuit_uses_as_many_components_as_it_may(toy, learnt, allowed):
    model = coded(learnt, transform="omp", transform_n_nonzero=allowed)

    assert (np.count_nonzero(model.embed(toy[1]), axis=1) <= allowed).all()


def test_matching_pursuit_with_all_components_is_the_orthogonal_projection(toy, learnt):
    flat, atoms = toy[1][..., 0], learnt.components[..., 0]

    projected = flat @ np.linalg.pinv(atoms) @ atoms

    np.testing.assert_allclose(coded(learnt, transform="omp").reconstruct(toy[1])[..., 0], projected, atol=1e-8)


@pytest.fixture(scope="module")
def searched(toy):
    """One search for each way of coding whose choice differs."""
    return {
        transform: DictionaryLearning(
            steps=25, channels=1, n_components=3, max_iter=2, transform=transform, alphas=ALPHAS
        ).fit(toy[0][:1000])
        for transform in ("lasso_lars", "omp")
    }


@pytest.mark.parametrize("transform", ["lasso_lars", "omp"])
def test_a_search_takes_the_penalty_with_the_lowest_held_out_error(searched, transform):
    model = searched[transform]
    grid = model.grid_

    assert set(grid) == {"alpha", "train_mse", "held_out_mse", "objective"}
    assert grid["alpha"].tolist() == ALPHAS
    assert model.alpha_ == ALPHAS[grid["held_out_mse"].argmin()]
    assert (np.diff(grid["objective"]) > 0).all()


def test_coding_by_the_penalty_of_the_fit_prefers_small_ones_far_more_than_projection_does(searched):
    lasso, omp = (searched[transform].grid_["held_out_mse"] for transform in ("lasso_lars", "omp"))

    assert (np.diff(lasso) > 0.03).all()
    assert np.ptp(lasso) > 5 * np.ptp(omp)


def test_after_a_search_the_chosen_penalty_learns_from_all_spectra(toy, searched):
    model = searched["lasso_lars"]

    direct = DictionaryLearning(steps=25, channels=1, n_components=3, max_iter=2, alpha=model.alpha_).fit(toy[0][:1000])

    np.testing.assert_array_equal(model.components, direct.components)
    np.testing.assert_array_equal(model.embed(toy[1]), direct.embed(toy[1]))
    assert direct.grid_ == {}


def test_seeds_start_differently(toy):
    first, other = (
        DictionaryLearning(steps=25, channels=1, n_components=3, max_iter=1, seed=seed).fit(toy[0]) for seed in (0, 1)
    )

    assert not np.allclose(first.components, other.components)
