import json
import re

import numpy as np
import pytest

from remanence.figures.explorer.page import SCRIPTS, explorer_page, page_with

ELEMENT = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_page_asks_for_nothing_and_stores_nothing(kind):
    page = explorer_page(kind, title="a run", data={"values": np.zeros(2)})

    assert not re.search(r"\b(?:src|href)\s*=|@import|url\(|fetch\(|XMLHttpRequest|import\(", page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace('http-equiv="Content', "")
    assert not re.search("localStorage|sessionStorage|indexedDB|document.cookie", page)
    assert len(page) < 60_000


def test_the_scripts_of_a_page_are_less_than_100_kb():
    assert all(len(explorer_page(kind, title="", data={})) < 100_000 for kind in SCRIPTS)


def test_what_a_table_says_cannot_end_the_element_of_the_data_or_fill_the_template():
    sample = "</script><script>alert(1)</script>{{script}}"

    page = explorer_page("table", title="<b>{{data}}", data={"names": [sample], "none": float("nan")})

    (found,) = ELEMENT.findall(page)
    assert json.loads(found) == {"names": [sample], "none": None}
    assert "<h1>&lt;b&gt;{{data}}</h1>" in page
    assert "alert(1)</script>" not in page


def test_arrays_are_packed_and_numbers_of_numpy_are_plain():
    page = explorer_page("table", title="", data={"x": {"y": [np.array([0.0, 1.0])]}, "n": np.int64(3)})

    (found,) = ELEMENT.findall(page)
    assert json.loads(found) == {
        "x": {"y": [{"shape": [2], "low": 0.0, "step": pytest.approx(1 / 65534), "codes": "AAD+/w=="}]},
        "n": 3,
    }


def test_a_stored_page_is_made_again_with_further_data_and_without_what_others_wrote_into_it():
    stored = explorer_page("table", title="a & b", data={"x": np.zeros(2), "y": 1})

    again = page_with(stored.replace('"use strict";', "alert(1);"), "table", {"y": 2, "z": [3]})

    assert again == explorer_page("table", title="a & b", data={"x": np.zeros(2), "y": 2, "z": [3]})


@pytest.mark.parametrize("stored", ["", "<h1>a</h1>", '<h1>a</h1><script type="application/json" id="data">{</script>'])
def test_what_is_no_page_is_not_made_again(stored):
    assert page_with(stored, "table", {"y": 2}) is None
