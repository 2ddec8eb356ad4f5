from remanence.data.source import Source
from remanence.tracking.recorded_sources import dataset_input, recorded_sources


def test_each_run_knows_where_it_has_read_a_file_of_which_others_have_read_copies(train, table, tmp_path):
    first = table("mine.csv")
    second = tmp_path / "elsewhere" / "mine.csv"
    second.parent.mkdir()
    second.write_bytes(first.read_bytes())

    runs = [train(f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear",
                  experiment="piezo/table") for path in (first, second)]  # fmt: skip

    assert [[each.location for each in recorded_sources(run)] for run in runs] == [[str(first)], [str(second)]]
    assert len({each.digest for run in runs for each in recorded_sources(run)}) == 1


def test_a_location_too_long_for_a_tag_is_that_of_the_dataset():
    source = Source("a.csv", f"/{'long/' * 100}a.csv", "0" * 64, "local")

    assert [tag.key for tag in dataset_input(source).tags] == ["mlflow.data.context"]
