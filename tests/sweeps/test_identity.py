import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.data.source import Source
from remanence.errors import ChangedFile, ConfigurationError
from remanence.sweeps.identity import Identity
from remanence.sweeps.plan import _files
from remanence.sweeps.space import Space
from remanence.tracking.later_keys import Later
from remanence.tracking.parameters import _added

BASE = {
    "model": {"_target_": "remanence.models.dnn.DNN", "lr": 0.01, "hidden": [8, 8]},
    "data": {"path": "a.csv", "scale": "${model.lr}"},
    "seed": 0,
    "n_jobs": 1,
    "name": None,
    "figures": "brief",
    "paths": {"outputs": "here"},
    "tracking": {"uri": None, "tags": {}},
    "sweep": {"name": None, "storage": None, "trial": None},
    "allowed_targets": ["remanence."],
}


def identity(*searches, beside=(), **changed):
    space = Space.of(OverridesParser.create().parse_overrides(list(searches)))
    return Identity.of(space, BASE | changed, beside=dict(beside))


@pytest.mark.parametrize(
    "changed",
    [
        {"n_jobs": 8},
        {"name": "mine"},
        {"paths": {"outputs": "/elsewhere"}},
        {"tracking": {"uri": "http://server", "tags": {"a": "b"}}},
        {"sweep": {"name": "other", "storage": "postgresql://u:p@h/d", "trial": None}},
        {"model": BASE["model"] | {"lr": 0.5}},  # it is searched
    ],
)
def test_what_decides_no_result_is_not_compared(changed):
    same = identity("model.lr=0.1,0.2", **changed)

    assert same == identity("model.lr=0.1,0.2")
    same.check(identity("model.lr=0.1,0.2"), "s")


@pytest.mark.parametrize(
    ("search", "changed", "difference"),
    [
        ("model.lr=0.1,0.3", {}, "model.lr: 0.1,0.2 there, 0.1,0.3 here"),
        ("model.lr=interval(0.1,0.2)", {}, "model.lr: 0.1,0.2 there, interval(0.1,0.2) here"),
        ("model.lr=0.1,0.2", {"seed": 1}, "seed: 0 there, 1 here"),
        ("model.lr=0.1,0.2", {"data": BASE["data"] | {"path": "b.csv"}}, "data.path: a.csv there, b.csv here"),
        ("model.lr=0.1,0.2", {"model": BASE["model"] | {"hidden": [4]}}, "model.hidden: [8, 8] there, [4] here"),
    ],
)
def test_another_search_or_configuration_is_refused_with_both_shown(search, changed, difference):
    with pytest.raises(ConfigurationError) as refused:
        identity(search, **changed).check(identity("model.lr=0.1,0.2"), "piezo/mine")

    assert str(refused.value) == (
        f"sweep.name: the sweep 'piezo/mine' searches something else ({difference}); "
        "give another name, or the same search"
    )


def test_what_one_searches_and_the_other_fixes_is_named_before_the_rest():
    with pytest.raises(ConfigurationError) as refused:
        identity("seed=0,1", data={"path": "b.csv"}).check(identity("model.lr=0.1,0.2"), "s")

    assert (
        "(model.lr: 0.1,0.2 there, 0.01 here; seed: 0 there, 0,1 here; "
        "data.path: a.csv there, b.csv here; data.scale: ${model.lr} there, None here)"
    ) in str(refused.value)


def test_a_grid_does_not_go_on_with_what_a_sampler_began():
    sampler = "hydra.sweeper.sampler"
    grid, search = (identity("seed=0,1", beside={sampler: name}) for name in ("grid of seed", "tpe"))

    with pytest.raises(ConfigurationError, match=r"hydra\.sweeper\.sampler: tpe there, grid of seed here"):
        grid.check(search, "s")
    assert grid.digest != search.digest


def test_what_the_files_hold_belongs_to_a_search():
    before, now = (identity("seed=0,1", beside={"mine.csv": f"SHA-256 {digest}…"}) for digest in ("3fa2", "77bc"))

    with pytest.raises(ConfigurationError, match=r"mine\.csv: SHA-256 3fa2… there, SHA-256 77bc… here"):
        now.check(before, "s")


def test_many_differences_are_counted():
    with pytest.raises(ConfigurationError, match="and 3 more"):
        identity("seed=0,1", **{f"key{n}": n for n in range(7)}).check(identity("seed=0,1"), "s")


def test_a_key_that_a_later_release_adds_as_none_changes_nothing():
    identity("seed=0,1", later=None).check(identity("seed=0,1"), "s")


def test_a_younger_key_belongs_to_a_search_only_where_it_does_something_else(monkeypatch):
    monkeypatch.setattr("remanence.tracking.later_keys.LATER", [Later("bins", 4, of=BASE["model"]["_target_"])])
    monkeypatch.setattr("remanence.tracking.parameters._added", _added.__wrapped__)  # without what it remembers
    before, same, other = (
        identity("model.lr=0.1,0.2", model=BASE["model"] | added) for added in ({}, {"bins": 4}, {"bins": 5})
    )

    assert same == before
    same.check(before, "s")
    with pytest.raises(ConfigurationError, match=r"model\.bins: 4 there, 5 here"):
        other.check(before, "s")
    assert "model.bins" in identity("model.bins=4,5", model=BASE["model"] | {"bins": 4}).space


def test_it_survives_being_stored_and_names_a_study():
    one = identity("model.lr=0.1,0.2")

    assert Identity(**one.to_dict()) == one
    assert one.digest == identity("model.lr=0.1,0.2", n_jobs=4).digest
    assert len({one.digest, identity("model.lr=0.1,0.3").digest, identity("model.lr=0.1,0.2", seed=1).digest}) == 3


def test_references_to_what_is_searched_stay_references():
    assert identity("model.lr=0.1,0.2").fixed["data.scale"] == "${model.lr}"


def test_data_of_the_seed_that_all_trials_share_are_those_of_its_number():
    referring, given = BASE["data"] | {"seed": "${seed}"}, BASE["data"] | {"seed": 0}

    assert identity("model.lr=0.1,0.2", data=referring) == identity("model.lr=0.1,0.2", data=given)
    with pytest.raises(ConfigurationError, match=r"\(data\.seed: 0 there, 1 here; seed: 0 there, 1 here\)"):
        identity("model.lr=0.1,0.2", data=referring, seed=1).check(identity("model.lr=0.1,0.2", data=given), "s")
    with pytest.raises(ConfigurationError, match=r"\(data\.seed: 0 there, \$\{seed\} here\)"):
        identity("seed=0,1", data=referring).check(identity("seed=0,1", data=given), "s")


def test_files_of_one_name_in_several_folders_all_belong_to_a_search():
    def read(*digests):
        return [Source("table.csv", f"/{place}/table.csv", 12 * each, "local") for place, each in enumerate(digests)]

    simulated = Source("nbbt", "", 64 * "0", "simulated")

    assert _files([*read("a"), *read("a"), simulated]) == {"table.csv": f"SHA-256 {12 * 'a'}…"}
    assert len({_files(read(*pair))["table.csv"] for pair in ("ab", "ac", "cb")}) == 3


def test_a_trial_may_read_the_files_that_the_sweep_began_with_and_no_others():
    files = [Source("mine.csv", f"/{folder}/mine.csv", digest * 64, "local") for folder, digest in ("aa", "bb")]
    began = identity("model.lr=1,2", beside=_files(files))

    began.check_files([*files, Source("seed", "package", "c" * 64, "simulated")])
    Identity({}, {"seed": "0"}).check_files([Source("seed", "/a/seed", "c" * 64, "local")])  # an earlier release's
    with pytest.raises(ChangedFile, match=r"/a/mine.csv: has changed since the sweep began .*there, SHA-256 cccc"):
        began.check_files([Source("mine.csv", "/a/mine.csv", "c" * 64, "local")])
