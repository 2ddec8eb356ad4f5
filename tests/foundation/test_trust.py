import sys

import pytest

from remanence.errors import ConfigurationError
from remanence.foundation.trust import (
    VARIABLE,
    allowed_targets,
    check_importable,
    check_targets,
    import_target,
    trusting,
)


@pytest.fixture(autouse=True)
def nothing_trusted(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A package that leaves a file when it, or a module of it, is imported; return that file."""
    package = tmp_path / "stranger"
    package.mkdir()
    flag = tmp_path / "was_imported"
    for name in ("__init__", "inner"):
        (package / f"{name}.py").write_text(f"open({str(flag)!r}, 'w')\nclass Thing: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield flag
    for name in [name for name in sys.modules if name.split(".")[0] == "stranger"]:
        del sys.modules[name]


@pytest.mark.parametrize("target", ["stranger.inner.Thing", "stranger:Thing", "strangers.Thing", "os.system"])
def test_a_name_is_checked_before_it_or_its_package_is_imported(stranger, target):
    with pytest.raises(ConfigurationError) as refused:
        import_target("model._target_", target)

    package = target.replace(":", ".").partition(".")[0]
    assert str(refused.value) == (
        f"model._target_: '{target}' is not under allowed_targets (remanence.); if you trust it, add "
        f"allowed_targets=[remanence.,{package}.] or set {VARIABLE}={package}."
    )
    assert not stranger.exists()


@pytest.mark.parametrize("prefix", ["stranger.", "stranger", "stranger.inner", "stranger.inner.Thing"])
def test_a_prefix_allows_what_is_below_it(stranger, prefix):
    with trusting([prefix]):
        assert import_target("model", "stranger.inner.Thing").__name__ == "Thing"
    with pytest.raises(ConfigurationError):
        import_target("model", "stranger.inner.Thing")


def test_a_prefix_is_no_beginning_of_another_packages_name(monkeypatch):
    monkeypatch.setenv(VARIABLE, "my, ,lab.")

    assert allowed_targets() == ["remanence.", "my", "lab."]
    check_importable("model", "my.Net")
    with pytest.raises(ConfigurationError):
        check_importable("model", "mylab.Net")


@pytest.mark.parametrize("target", [None, 3, "", "remanence.", "remanence..models", "${oc.env:HOME}", "remanence.a b"])
def test_what_is_no_name_is_refused(target):
    with pytest.raises(ConfigurationError, match=r"model\._target_: expected the name of a class"):
        check_importable("model._target_", target)


@pytest.mark.parametrize(
    "target",
    ["remanence.verbs.cli.importlib", "remanence.tracking.shared_file.FileLock", "remanence.tracking.start.shutil"],
)
def test_what_the_package_has_imported_from_elsewhere_is_none_of_its_classes(target):
    with pytest.raises(ConfigurationError, match="is no class of remanence"):
        import_target("data._target_", target)


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ({"_target_": "os.system"}, "model._target_"),
        ({"a": {"_target_": "os.system"}}, "model.a._target_"),
        (
            {"_target_": "remanence.models.dnn.DNN", "a": [[], {"b": {"_target_": "os.system"}}]},
            r"model.a[1].b._target_",
        ),
    ],
)
def test_every_target_is_checked_at_any_depth_and_in_lists(node, path):
    with pytest.raises(ConfigurationError) as refused:
        check_targets("model", node)

    assert str(refused.value).startswith(f"{path}: 'os.system' is not under allowed_targets")
