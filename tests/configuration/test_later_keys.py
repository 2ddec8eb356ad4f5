from remanence.configuration.compose import compose
from remanence.studies.kinds import amended, checked


def test_a_configuration_of_an_earlier_release_gets_the_defaults_of_later_keys():
    now = checked(compose(["experiment=beps/toy"]))
    then = {key: value for key, value in now.items() if key not in ("sweep", "pruner", "n_jobs", "fork")}
    then["trainer"] = {key: value for key, value in now["trainer"].items() if key != "strategy"}

    assert amended(then, []) == now
