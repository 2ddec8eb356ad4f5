import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from remanence.data.instruments.sidpy_readers import READERS, read_by_sidpy, reader_of
from remanence.errors import DataError


@pytest.mark.parametrize(
    ("name", "reader"),
    [("a.DM4", "DMReader"), ("scan.000", "BrukerAFMReader"), ("scan.spm", "BrukerAFMReader"), ("a.h5", None)],
)
def test_the_ending_says_which_reader_reads_a_file(tmp_path, name, reader):
    assert reader_of(tmp_path / name) == reader


def test_without_the_extra_one_line_says_what_to_install(monkeypatch, tmp_path):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'")

    monkeypatch.setattr(importlib, "import_module", missing)
    (tmp_path / "a.dm4").write_bytes(b"x")
    with pytest.raises(DataError, match=r"is read by SciFiReaders.*pip install 'remanence\[instruments\]'"):
        read_by_sidpy(tmp_path / "a.dm4")


def test_the_readers_are_classes_of_scifireaders():
    readers = pytest.importorskip("SciFiReaders", reason="the extra 'instruments' is not installed")
    assert [name for name in READERS.values() if not hasattr(readers, name)] == []


def test_a_dataset_of_sidpy_is_taken_with_its_axes_and_its_file_is_closed(monkeypatch, tmp_path):
    """A stand-in with the attributes of sidpy's classes."""
    closed = []

    def axis(name, size, units, kind):
        return SimpleNamespace(
            name=name,
            values=np.arange(size),
            units=units,
            quantity="generic",
            dimension_type=SimpleNamespace(name=kind),
        )

    class Dataset(np.ndarray):
        title, quantity, units = "/Measurement/eels", "intensity", "counts"
        _axes = {  # noqa: RUF012
            0: axis("y", 2, "nm", "SPATIAL"),
            1: axis("loss", 3, "eV", "SPECTRAL"),
            2: axis("t", 1, "s", "POINT_CLOUD"),
        }

    class DMReader:
        _h5_file = SimpleNamespace(close=lambda: closed.append(True))

        def __init__(self, path):
            self.path = path

        def read(self):
            return {"Channel_000": np.arange(6.0).reshape(2, 3, 1).view(Dataset)}

    monkeypatch.setattr(importlib, "import_module", lambda name: SimpleNamespace(DMReader=DMReader))
    (tmp_path / "a.dm4").write_bytes(b"x")
    (eels,) = read_by_sidpy(tmp_path / "a.dm4")

    assert type(eels.values) is np.ndarray
    np.testing.assert_array_equal(eels.values, np.arange(6.0).reshape(2, 3, 1))
    assert (eels.name, eels.units) == ("eels", "counts")
    assert [(each.name, each.units, each.quantity, each.kind) for each in eels.axes] == [
        ("y", "nm", "", "SPATIAL"),
        ("loss", "eV", "", "SPECTRAL"),
        ("t", "s", "", "UNKNOWN"),
    ]
    assert closed == [True]


def test_what_a_reader_raises_is_one_line(tmp_path):
    pytest.importorskip("SciFiReaders", reason="the extra 'instruments' is not installed")
    (tmp_path / "a.dm4").write_bytes(b"not a file of DigitalMicrograph")
    with pytest.raises(DataError, match="DMReader of SciFiReaders cannot read it"):
        read_by_sidpy(tmp_path / "a.dm4")
