import numpy as np
import pytest
from sklearn.decomposition import FastICA

from remanence.models.ica import ICA
from remanence.models.pca import PCA

RANDOM = np.random.default_rng(0)
LINES = np.exp(-((np.arange(40.0) - np.array([[8], [20], [31]])) ** 2) / 18)[:, :, None]  # (3, 40, 1)
CAUSES = RANDOM.exponential(size=(500, 3))
SPECTRA = np.tensordot(CAUSES, LINES, 1) + RANDOM.normal(0, 1e-3, (500, 40, 1))


def fitted(**arguments):
    return ICA(**{"steps": 40, "channels": 1, "n_components": 3, **arguments}).fit(SPECTRA)


def test_each_latent_is_one_of_the_independent_causes_where_principal_components_mix_them():
    def agreement(z):
        return np.abs(np.corrcoef(z.T, CAUSES.T)[:3, 3:]).max(axis=0)

    assert (agreement(fitted().embed(SPECTRA)) > 0.98).all()
    assert agreement(PCA(steps=40, channels=1, n_components=3).fit(SPECTRA).embed(SPECTRA)).min() < 0.9


def test_the_error_is_that_of_as_many_principal_components():
    principal = PCA(steps=40, channels=1, n_components=3).fit(SPECTRA)

    np.testing.assert_allclose(fitted().reconstruct(SPECTRA), principal.reconstruct(SPECTRA), atol=1e-9)


def test_the_embedding_is_that_of_scikit_learn():
    reference = FastICA(3, whiten="unit-variance", whiten_solver="svd", max_iter=1000, random_state=0)
    expected = reference.fit_transform(SPECTRA.reshape(500, 40))

    np.testing.assert_allclose(fitted().embed(SPECTRA), expected, atol=1e-9)
    np.testing.assert_allclose(fitted().embed(SPECTRA).var(axis=0), 1, rtol=1e-9)


@pytest.mark.filterwarnings("error")
def test_more_components_than_causes_are_told_where_they_do_not_converge(capsys):
    fitted(n_components=10, max_iter=20)

    out = " ".join(capsys.readouterr().out.split())
    assert "ICA: 10 components have not converged after 20 iterations" in out
    assert "take fewer (n_components), or more iterations (max_iter)" in out


def test_nothing_is_said_where_the_iteration_ends(capsys):
    fitted()

    assert capsys.readouterr().out == ""
