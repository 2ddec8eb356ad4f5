"""Schemas of models of spectra in ``conf/model``; the values and their reasons stand in the YAML."""

from typing import Annotated, Literal

from pydantic import Field

from remanence.foundation.schema import Count, Index, NonNegative, Positive, Seed, configures


@configures("remanence.models.pca.PCA", kind="spectra")
class PCA:
    """``conf/model/pca.yaml``."""

    n_components: Count


@configures("remanence.models.nmf.NMF", kind="spectra")
class NMF:
    """``conf/model/nmf.yaml``."""

    n_components: Count
    max_iter: Count
    seed: Seed


@configures("remanence.models.dictionary_learning.DictionaryLearning", kind="spectra")
class DictionaryLearning:
    """``conf/model/dictionary_learning.yaml``."""

    n_components: Count
    alpha: Positive
    transform: Literal["lasso_lars", "lasso_cd", "omp"]
    transform_alpha: Positive | None
    transform_n_nonzero: Count | None
    max_iter: Count
    seed: Seed
    alphas: Annotated[list[Positive], Field(min_length=1)] | None


@configures("remanence.models.beta_vae.BetaVAE", kind="spectra")
class BetaVAE:
    """``conf/model/beta_vae.yaml`` and its variants."""

    latents: Count
    units: Count
    blocks: Count
    layers: Count
    cell: Literal["lstm", "gru", "tcn", "mlp"]
    dense: Count
    patch: Count | None
    norm: Literal["time", "feature", "none"]
    read_out: Literal["last", "all"]
    positions: bool
    dropout: Annotated[float, Field(ge=0, lt=1)]
    inference_steps: Index
    lr: Positive
    weight_decay: NonNegative
