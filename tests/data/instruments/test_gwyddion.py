import importlib

import numpy as np
import pytest
from instruments import write_others
from instruments.manifest import FOLDER

from remanence.data.instruments.gwyddion import read_gwy
from remanence.errors import DataError

EXTRA = "the extra 'instruments' is not installed"


def test_an_image_has_rows_first_and_begins_where_it_was_scanned():
    pytest.importorskip("gwyfile", reason=EXTRA)
    (image,) = read_gwy(FOLDER / "gwyddion_height.gwy")

    np.testing.assert_allclose(image.values, write_others.HEIGHT, atol=1e-16)
    y, x = image.axes
    np.testing.assert_allclose(x.values, 1e-6 + (np.arange(5) + 0.5) * 0.4e-6)
    np.testing.assert_allclose(y.values, (np.arange(3) + 0.5) / 3 * 1e-6)
    assert (image.name, image.units, x.units, x.kind) == ("Height", "m", "m", "SPATIAL")


def test_as_many_rows_as_columns_are_not_turned(tmp_path):
    objects = pytest.importorskip("gwyfile.objects", reason=EXTRA)
    values = np.arange(9.0).reshape(3, 3)
    objects.GwyContainer({"/0/data/title": "Z", "/0/data": objects.GwyDataField(values)}).tofile(
        str(tmp_path / "a.gwy")
    )

    np.testing.assert_array_equal(read_gwy(tmp_path / "a.gwy")[0].values, values)


def test_a_damaged_file_is_one_line(tmp_path):
    pytest.importorskip("gwyfile", reason=EXTRA)
    (tmp_path / "a.gwy").write_bytes(b"GWYPx")
    with pytest.raises(DataError, match="gwyfile cannot read it"):
        read_gwy(tmp_path / "a.gwy")


def test_without_gwyfile_one_line_says_what_to_install(monkeypatch, tmp_path):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'")

    monkeypatch.setattr(importlib, "import_module", missing)
    (tmp_path / "a.gwy").write_bytes(b"x")
    with pytest.raises(DataError, match=r"pip install 'remanence\[instruments\]'"):
        read_gwy(tmp_path / "a.gwy")
