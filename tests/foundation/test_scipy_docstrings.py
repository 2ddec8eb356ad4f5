"""scipy is imported without writing its docstrings anew."""

import subprocess
import sys

TABLE = "Array API Standard Support"
"""Heading of what scipy adds to a docstring."""
ASK = f"""
text = scipy.stats.zscore.__doc__
print({TABLE!r} in text, text.lstrip().splitlines()[0], "Examples" in text, scipy.stats.zscore([1.0, 3.0]))
"""


def answer(script):
    done = subprocess.run([sys.executable, "-c", script + ASK], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_docstrings_of_scipy_stay_as_they_stand_in_the_source():
    inside = "from remanence.foundation.imports import importing\nwith importing():\n    import scipy.stats"
    assert answer(inside) == "False Compute the z score. True [-1.  1.]"
    assert answer("import scipy.stats") == "True Compute the z score. True [-1.  1.]"


def test_docstrings_stay_also_where_scipy_is_imported_in_part():
    part = "import scipy._lib._array_api\nfrom remanence.foundation.imports import importing\n"
    assert answer(part + "with importing():\n    import scipy.stats").startswith("False")
