from remanence.verbs.html_table import html_table


def test_cells_are_escaped_and_numbers_marked():
    text = html_table([["a", "b", "c"], ["<i>", "1", "said"]], numbers=1, last=2)

    assert "<td>&lt;i&gt;</td>" in text
    assert '<td class="number">1</td><td>said</td>' in text
    assert '<th class="number">b</th><th>c</th>' in text
