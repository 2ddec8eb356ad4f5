"""Published data sets: fetched once, pinned to a commit and a SHA-256, kept in the user's cache."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from remanence.errors import DataError


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
    """What reads it: an experiment, or a function of the package."""
    own_copy: str = "data.path=<file>"
    """Key that takes a copy of the user's own instead."""

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
        use="H5UsidFile",
    ),
}
"""Name in the cache to where it is published."""


def cache() -> Path:
    """Return the folder of fetched files: ``REMANENCE_DATA_DIR``, by default the user's cache folder."""
    import pooch

    return Path(os.environ.get("REMANENCE_DATA_DIR") or pooch.os_cache("remanence"))


def fetch(name: str) -> Path:
    """Return the local copy of a published file; the network is used only if there is none with the right content.

    Raises:
        DataError: if the name is unknown or the file cannot be fetched.
    """
    import pooch

    if name not in PUBLISHED:
        raise DataError(f"data.published: unknown file '{name}'; known: {', '.join(PUBLISHED)}")
    entry = PUBLISHED[name]
    target = cache() / name
    try:
        found = pooch.retrieve(entry.url, f"sha256:{entry.sha256}", fname=target.name, path=target.parent)
    except Exception as error:  # pooch passes on what requests, urllib or the disk raise
        raise DataError(
            f"{name}: not in {cache()} and could not be fetched from {entry.url} ({type(error).__name__}); "
            f"put the file there, or give {entry.own_copy}"
        ) from error
    return Path(found)
