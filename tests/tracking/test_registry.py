import pytest

from remanence.errors import ConfigurationError
from remanence.tracking.registry import Registered, register_run, registered_run


@pytest.mark.parametrize(
    ("alias", "address"), [("champion", "models:/d33 network@champion"), (None, "models:/d33 network/3")]
)
def test_an_address_is_by_alias_where_there_is_one(alias, address):
    assert Registered("d33 network", 3, alias).address == address


@pytest.mark.parametrize("name", ["", " ", "a/b", "a@b", "a'b", "a\nb"])
def test_a_name_that_no_address_can_hold_is_refused_before_anything_is_asked(name):
    with pytest.raises(ConfigurationError, match=r"^register: name: expected letters, digits, "):
        register_run(None, "run", name, None)


@pytest.mark.parametrize("alias", ["", "a b", "a.b", "latest", "Latest", "v1", "V12"])
def test_an_alias_that_mlflow_reads_as_something_else_is_refused(alias):
    with pytest.raises(ConfigurationError, match=rf"^register: alias: expected .*, got '{alias}'$"):
        register_run(None, "run", "d33", alias)


@pytest.mark.parametrize(
    "address", ["models:/d33", "models:/d33@", "models:/d33/x", "models:/a/b/1", "models:/d33@a@b"]
)
def test_what_is_no_address_is_told_what_one_looks_like(address):
    with pytest.raises(ConfigurationError, match=rf"^run: expected models:/<name>@<alias> or .*, got '{address}'$"):
        registered_run(None, address)


def test_an_address_stands_for_the_run_that_logged_the_model(client, tmp_path):
    client.create_registered_model("d33")
    for run_id in ("1a2b", "3c4d", None):
        client.create_model_version("d33", str(tmp_path), run_id=run_id)
    client.set_registered_model_alias("d33", "champion", "1")

    assert registered_run(client, "models:/d33/2") == "3c4d"
    assert registered_run(client, "models:/d33@champion") == "1a2b"
    with pytest.raises(ConfigurationError, match=r"^run: 'models:/d33/3' was not registered from a run$"):
        registered_run(client, "models:/d33/3")


def test_what_is_not_there_is_told_with_what_is(client, tmp_path):
    client.create_registered_model("d33")
    for _ in range(10):
        client.create_model_version("d33", str(tmp_path), run_id="1a2b")
    client.set_registered_model_alias("d33", "champion", "1")

    with pytest.raises(ConfigurationError, match=r"^run: no model 'models:/eps_r/1'; registered are: d33$"):
        registered_run(client, "models:/eps_r/1")
    with pytest.raises(ConfigurationError, match=r"'d33' has: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, @champion$"):
        registered_run(client, "models:/d33/11")
