"""The register of published files: where each file comes from and what reads it."""

from dataclasses import dataclass
from urllib.parse import quote

from remanence.science.nested.tabulated_ions import SITE_PROPERTIES

STANDARDISED = (*SITE_PROPERTIES, "decomposition_energy", "gap", "gap_class", "slme")
"""Column names of ``mhp_bandgaps_standardised_494.csv``; the file itself has no header."""


@dataclass(frozen=True)
class Published:
    """One file of a public repository."""

    repository: str
    commit: str
    path: str
    sha256: str
    licence: str
    about: str
    use: str
    """The experiment, or the function of the package, that reads the file."""
    own_copy: str = "data.path=<file>"
    """Configuration key that makes a run read the user's own copy of the file instead."""
    columns: tuple[str, ...] = ()
    """Names of the columns, if the file is a table without header."""

    @property
    def url(self) -> str:
        """Address of the file at its pinned commit."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{quote(self.path)}"


def _beps(file: str, sha256: str, about: str) -> Published:
    return Published(
        repository="m3-learning/DeepMatter",
        commit="98737b432c342a08a92e2eab0a3e77036c66fadb",
        path=f"src/DeepMatter/files/{file}",
        sha256=sha256,
        licence="BSD-3-Clause; data CC-BY-4.0, Zenodo 10.5281/zenodo.6321172",
        about=about,
        use="experiment=beps/pzt",
        own_copy="data.dir=<folder>",
    )


def _nested(
    path: str,
    sha256: str,
    about: str,
    use: str,
    *,
    repository: str = "T-NIKHIL/NestedAE",
    commit: str = "36ebc799d5f3221b47f3d300b950943dbb0c2414",
    columns: tuple[str, ...] = (),
) -> Published:
    return Published(
        repository=repository,
        commit=commit,
        path=path,
        sha256=sha256,
        licence="MIT",
        about=about,
        use=use,
        own_copy="data.dir=<folder>",
        columns=columns,
    )


def _multiscale(file: str, sha256: str, about: str) -> Published:
    return _nested(f"datasets/synthetic_dataset_2/{file}", sha256, about, "experiment=nested/synthetic")


PUBLISHED = {
    "piezo/knn_d33_train.csv": Published(
        repository="tusaryan/Piezoelectrics-AI-Discovery-Lab",
        commit="95c15e8463e16a4abb460832c91d7ae6e54a01e8",
        path="backend/debug_data/processed_train_data_d33.csv",
        sha256="84b1defd8c8ec3eb03d0e20ec4c2ab4f26dced034c0f7f0f94a103b551dab4ac",
        licence="MIT, uncurated",
        about="204 KNN-based ceramics: element fractions and averages, d33 in pC/N",
        use="experiment=piezo/knn",
    ),
    "beps/pizoresponse.npy": _beps(
        "pizoresponse.npy",
        "1cb0c43a087456c7c489c60e2ed6e4b2525021cb25800448771d741cf1307b9c",
        "off-field piezoresponse loops of PbZr0.2Ti0.8O3, 60 x 60 pixels, z-scores",
    ),
    "beps/resonance.npy": _beps(
        "resonance.npy",
        "10884cac8b759fcbe99cd1815de208513d3f521e7d3ff16ef548d8f3436c74c4",
        "resonance frequency of the same pixels and steps, z-scores",
    ),
    "beps/voltage.npy": _beps(
        "voltage.npy",
        "9e7eb548053b5e1d0a7c75a163e6bb2448fbf91ba2c350f6dc4ef69052a58498",
        "DC bias of the same 96 steps, V",
    ),
    "be/ckpfm_loops_10x10.npz": Published(
        repository="ziatdinovmax/GPim",
        commit="70904e4130ff89c2658815b34ce61d479157aac5",
        path="expdata/cKPFM loop_0001 10 x 10-proc.npz",
        sha256="f41dc3e398c8d854ce9619f2aeb5f77bf8a9f6cc50b3d171ed6c94cc4ebcc5fa",
        licence="MIT",
        about="contact Kelvin probe scan of 10 x 10 pixels: results of its resonance fit",
        use="read_contact_kelvin_probe",
    ),
    "be/SingFreqPFM_0003.h5": Published(
        repository="pycroscopy/pyUSID",
        commit="7dede48eeb037639ed8e00a0fc0bf024fde2a11e",
        path="data/SingFreqPFM_0003.h5",
        sha256="9901ad2501a8b1ab29e36d92d7ed0d4e6af63ac5e01870b87d4c2dc1dda9d381",
        licence="MIT",
        about="single-frequency PFM image of 128 x 128 pixels, h5USID",
        use="SpectralFile",
    ),
    "perovskite/perov_bandgaps_PBE.csv": _nested(
        "datasets/MHP_bandgaps_AND_perov_solvent_BE/perov_bandgaps_PBE.csv",
        "07cf1cb4ffd1d4662d2eeacff703b68a3c3acc05f0aafe892234f741dde80edb",
        "358 halide perovskites: ions, their descriptors, PBE band gap in eV",
        "experiment=nested/perovskite",
    ),
    "perovskite/perov_solv_BE_for_nestedae.csv": _nested(
        "datasets/MHP_bandgaps_AND_perov_solvent_BE/perov_solv_BE_for_nestedae.csv",
        "b07339f160c10d915fdb713c2085128eef4674db788c1ee1f52f41134fb69d8a",
        "30 lead halides x 8 solvents: binding energy in kJ/mol",
        "experiment=nested/perovskite",
    ),
    "perovskite/PSC_efficiencies_dataset.csv": _nested(
        "datasets/PSC_efficiencies/PSC_efficiencies_dataset.csv",
        "8656a8eadbc8b0a7e565da2630491d049b94de53d1c6aa5b09fb9884d2b772ef",
        "2018 solar cells: composition, layers, efficiency in %",
        "experiment=nested/solar_cell",
        repository="rxhernandez/NestedAE",
        commit="59781bf4421d0fe57acdfaf61650abecea20fb6a",
    ),
    "perovskite/mhp_bandgaps_standardised_494.csv": _nested(
        "runs/perovskite_multiscale_dataset_runs/ae1_bg_predictor_enc_l_12_l1_1em2_tanh_pred_p_0_1_100_relu_dec_15_"
        "linear_seed_0_lr_1em3_bs_10_1500_epochs_mae_mtl_k_fold_0_xavier_normal/datasets/dataset_preview.csv",
        "2fc1103c2ebb86314351b07ac42c83f1725efa734cfeb0f99a5583d5767cc5fb",
        "494 halide perovskites: standardised ion properties, PBE band gap in eV",
        "read_standardised",
        repository="rxhernandez/NestedAE",
        commit="0d2c6d2ec235b2d8d6f5a32ba7bda1ab24add2dd",
        columns=STANDARDISED,
    ),
    "multiscale/dataset_scale_1_1000_1.npy": _multiscale(
        "dataset_scale_1_1000_1.npy",
        "efb73d4bc3a1b242053eed024ba2601675f49608c001a79c9862a1d86c6aaf9b",
        "fine scale of the synthetic chain, noise 1",
    ),
    "multiscale/dataset_scale_2_1000_1.npy": _multiscale(
        "dataset_scale_2_1000_1.npy",
        "66e0ff2c002d56f88da1607c7f7883d2c54762f64d0834d4c3c80a128bfdfbf7",
        "middle scale of the synthetic chain, noise 1",
    ),
    "multiscale/dataset_scale_3_1000_1.npy": _multiscale(
        "dataset_scale_3_1000_1.npy",
        "4b741434fb641bf432184564922a038d88ec7fadc7cd9c1ff5fdd9636047cb82",
        "coarse scale of the synthetic chain, noise 1",
    ),
    "multiscale/dataset_scale_1_1000_1Em1.npy": _multiscale(
        "dataset_scale_1_1000_1Em1.npy",
        "221767859972c782df743be91e3d16316026aa9b102caaa888c62ea66faa2735",
        "fine scale of the synthetic chain, noise 0.1",
    ),
    "multiscale/dataset_scale_2_1000_1Em1.npy": _multiscale(
        "dataset_scale_2_1000_1Em1.npy",
        "3d2b39584b8a9261c7e1a9080c5e7a58c9e9afcd63c465863648c3bbf34f7878",
        "middle scale of the synthetic chain, noise 0.1",
    ),
    "multiscale/dataset_scale_3_1000_1Em1.npy": _multiscale(
        "dataset_scale_3_1000_1Em1.npy",
        "2e5213e836fcfe1ee9fb820062955f413e1336232fed25ce7547352ed00f058f",
        "coarse scale of the synthetic chain, noise 0.1",
    ),
}
"""Name of each file in the cache, and where the file is published."""
PUBLISHED_DIGESTS = frozenset(entry.sha256 for entry in PUBLISHED.values())
"""SHA-256 of all of them: a copy under another name is known by its content."""
