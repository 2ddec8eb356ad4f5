import inspect
import json
import subprocess
import sys
from dataclasses import MISSING, fields

import pytest
from hydra.utils import get_class
from pydantic import TypeAdapter, ValidationError

from remanence.configuration.compose import compose
from remanence.configuration.described import FROM_DATA, describe, schema_of
from remanence.configuration.on_offer import models_for, on_offer
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked

OFFERED = {found.target: found for group in ("data", "model") for found in on_offer(group).values()}
OWN = '''
"""A network of somebody's own."""

raise SystemExit("whoever reads a signature imports nothing")

import numpy as np
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import torch as tensors
import typing as t
from pydantic import Field

from .parts import Base, Part, UNITS
from remanence.foundation.constraints import As, Count, Fraction, node

Shape = Literal["round", "square"]
WIDTH = 8


@node
class Inner:
    """Its node would have to be imported."""

    a: int


class Typed(Base):
    """Everything that an annotation may be.

    Args:
        n_features: number of inputs.
        width: units of a layer,
            of which there are several.
        part: see ``Part``.

    Source: nobody.
    """

    kind = "table"
    without = ("hidden",)

    def __init__(
        self,
        n_features,
        *,
        width: Count = WIDTH,
        shape: Shape = "round",
        deep: bool = False,
        rate: Annotated[float, Field(gt=0, le=2)] = 0.5,
        layers: Sequence[Count] = (4, 4),
        names: tuple[str, ...] = (),
        units: Mapping[str, float] | None = None,
        part: Annotated[Mapping[str, Any], As(Part)],
        share: Fraction | Literal["all"] = "all",
        array: np.ndarray | None = None,
        device: "tensors.device" = tensors.device("cpu"),
        made: t.Callable[[int], int] | None = None,
        old: int = None,
        pair: "tuple[int, float]" = (1, 2.5),
        inner: Annotated[Mapping[str, Any], As(Inner)] | None = None,
        **base: Any,
    ) -> None:
        super().__init__(**base)


class Plain:
    def __init__(self, n_features, width=3, *, deep):
        pass


class Heir(Plain):
    """Has no constructor of its own."""


class Alone:
    """Has none at all."""


class Greedy(tensors.nn.Module):
    def __init__(self, width: int = 3, **kwargs): ...


class GreedyAlone:
    def __init__(self, *, width: int = 3, **kwargs): ...


class Elsewhere(tensors.nn.Module):
    """Its constructor is somebody else's."""


class Mixed(Alone, tensors.nn.Module):
    """Has one base that can be read."""


@dataclass
class Decorated:
    width: int = 3


class Near(Base):
    """Its base is imported relatively."""
'''
PARTS = '''
UNITS = "mV"


class Base:
    """What networks share.

    Args:
        lr: learning rate.
    """

    def __init__(self, *, lr: float = 0.1, hidden: int = 3, width: int = 99, unit: str = UNITS) -> None: ...
'''


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Two modules of somebody's own that cannot be imported."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise SystemExit('nor its package')")
    (folder / "own.py").write_text(OWN)
    (folder / "parts.py").write_text(PARTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def schema(target):
    return {entry.name: entry for entry in fields(schema_of(target))}


def check(target, **given):
    return TypeAdapter(schema_of(target)).validate_json(json.dumps(given))


def refused(target, **given):
    with pytest.raises(ValidationError) as error:
        check(target, **given)
    return {detail["loc"][0] for detail in error.value.errors()}


@pytest.mark.parametrize("target", OFFERED)
def test_a_class_on_offer_is_described_as_python_sees_it(target):
    described, owners = OFFERED[target], []
    for owner in get_class(target).__mro__:
        if "__init__" in vars(owner) and owner is not object:
            owners.append(inspect.signature(owner.__init__).parameters)
            if not any(argument.kind is argument.VAR_KEYWORD for argument in owners[-1].values()):
                break
    arguments = {key: argument for owner in reversed(owners) for key, argument in owner.items() if key != "self"}
    hidden = FROM_DATA if target.startswith("remanence.models.") else set()
    hidden = hidden | set(getattr(get_class(target), "without", ()))
    seen = {
        key: list(argument.default) if isinstance(argument.default, tuple) else argument.default
        for key, argument in arguments.items()
        if key not in hidden and argument.kind is not argument.VAR_KEYWORD
    }

    assert set(seen) == set(schema(target))
    assert described.defaults == {key: value for key, value in seen.items() if value is not inspect.Parameter.empty}
    assert described.kind == getattr(get_class(target), "kind", None)
    assert described.summary == get_class(target).__doc__.split("\n")[0]


@pytest.mark.parametrize("target", OFFERED)
def test_every_argument_on_offer_is_checked_and_all_but_the_shape_are_documented(target):
    unchecked = [name for name, entry in schema(target).items() if "Any" in repr(entry.type)]

    assert unchecked in ([], ["scales"])  # what is in a scale is checked where it is made
    assert set(schema(target)) - {"_target_"} <= set(OFFERED[target].documentation) | {"seed", "n_estimators"}


def test_models_know_the_kind_of_their_data():
    assert {"dnn", "linear", "single_autoencoder"} <= set(models_for("table"))
    assert {"beta_vae", "pca"} <= set(models_for("spectra"))
    assert set(models_for("chain")) == {"nested_ae"} | {name for name in on_offer("model") if "nested_ae_" in name}


def test_arguments_are_those_of_the_class_and_of_its_bases_but_for_what_it_leaves_out():
    nbbt, table = schema("remanence.data.nbbt.NBBT"), schema("remanence.data.table.Table")

    assert set(nbbt) - set(table) == {"series", "replicates", "noise", "seed"}
    of_a_file = {"path", "published", "header_row", "sheet", "decimal", "separator", "encoding"}
    of_a_file |= {"missing", "uncertain", "uncertainty", "id", "composition", "abbreviations", "families"}
    assert set(table) - set(nbbt) == of_a_file


def test_a_name_stands_for_what_its_module_says():
    target = "remanence.models.dnn.DNN"

    assert check(target, activation="tanh", hidden=[8]).activation == "tanh"
    assert refused(target, activation="tan") == {"activation"}
    assert refused(target, hidden=[]) == refused(target, hidden=[0]) == {"hidden"}
    assert refused(target, lr=0.0) == {"lr"}
    assert check(target, bins=None).bins is None


def test_values_of_a_node_are_checked_as_the_node_says():
    target = "remanence.data.nested.chain.Chain"
    split = {"kind": "kfold", "folds": 3, "repeats": 1, "validation": 0.2, "bins": 5, "seed": 0}

    assert check(target, scales={}, split=split, tables={"a": {"path": "a.csv"}}).tables["a"].categorical == []
    for wrong in ({"tables": {"a": {"pth": "a.csv"}}}, {"split": split | {"kind": "fold"}}, {"bins": {"a": 0}}):
        assert refused(target, **{"scales": {}, "split": split, **wrong}) == set(wrong)


@pytest.mark.usefixtures("mine")
class TestOwn:
    """Classes outside the package."""

    target = "mine.own.Typed"

    def test_a_class_is_read_without_being_imported(self):
        assert describe(self.target).kind == "table"
        assert describe(self.target).summary == "Everything that an annotation may be."
        assert not any(name.partition(".")[0] == "mine" for name in sys.modules)

    def test_annotations_are_read_by_whatever_name_they_have(self):
        given = {"width": 2, "shape": "square", "deep": True, "rate": 2.0, "layers": [1], "names": ["a"]}

        assert check(self.target, **given, units={"a": 1.5}, share=0.5, part={}).width == 2
        assert check(self.target, share="all", units=None).units is None
        wrong = {"width": 0, "shape": "oval", "deep": 1, "rate": 2.5, "layers": [0], "names": "a", "units": {"a": "b"}}
        for key, value in wrong.items():
            assert refused(self.target, **{key: value}) == {key}
        assert check(self.target, pair=[1, 2.5], old=None).pair == [1, 2.5]
        assert refused(self.target, pair=["1"]) == {"pair"}
        assert refused(self.target, old=1.5) == {"old"}
        assert refused(self.target, share=1.5) == refused(self.target, share="none") == {"share"}

    def test_what_would_have_to_be_imported_takes_any_value(self):
        for key in ("n_features", "part", "array", "device", "made", "inner"):
            for value in (3, "x", [1.5], {"a": "b"}):
                assert getattr(check(self.target, **{key: value}), key) == value

    def test_arguments_of_a_base_in_another_module_are_its_own_comes_first_and_some_are_left_out(self):
        assert list(schema(self.target))[-2:] == ["lr", "unit"]
        assert schema(self.target)["width"].default == 8
        assert refused(self.target, hidden=3) == {"hidden"}
        assert describe(self.target).defaults["unit"] == "mV"

    def test_defaults_are_plain_and_one_that_cannot_be_told_is_none_of_them(self):
        defaults = describe(self.target).defaults

        assert (defaults["layers"], defaults["names"]) == ([4, 4], [])
        assert not {"device", "n_features", "part"} & set(defaults)
        assert check(self.target).layers is not check(self.target).layers

    def test_what_is_missing_is_for_the_constructor_to_say(self):
        assert all(entry.default is not MISSING or entry.default_factory is not MISSING
                   for entry in schema(self.target).values())  # fmt: skip

    def test_the_docstring_says_what_arguments_are(self):
        documentation = describe(self.target).documentation

        assert documentation["width"] == "units of a layer, of which there are several."
        assert documentation["lr"] == "learning rate."
        assert "Source" not in documentation

    @pytest.mark.parametrize("name", ["Plain", "Heir"])
    def test_without_annotations_the_names_are_known(self, name):
        target = f"mine.own.{name}"

        assert list(schema(target)) == ["n_features", "width", "deep"]
        assert check(target, width="wide").width == "wide"
        assert refused(target, widht=3) == {"widht"}
        assert describe(target).defaults == {"width": 3}

    @pytest.mark.parametrize("name", ["Greedy", "GreedyAlone", "Elsewhere", "Mixed", "Decorated"])
    def test_what_cannot_be_read_is_for_the_constructor_to_refuse(self, name):
        assert check(f"mine.own.{name}", width=4, size=3) is not None

    def test_what_can_be_read_of_such_a_class_is_checked(self):
        assert refused("mine.own.Greedy", width="x", size=3) == {"width"}
        assert refused("mine.own.Near", width=4, size=3) == {"size"}

    def test_a_class_that_is_not_there_is_not_described(self, mine):
        (mine / "broken.py").write_text("class Broken(:")

        for target in ("mine.own.Nobody", "mine.nobody.Typed", "mine.broken.Broken", "nobody.own.Typed", "Typed"):
            assert describe(target) is None
        assert schema_of(None) is None
        assert schema("mine.own.Alone") == {}

    def test_a_class_that_is_edited_is_read_anew(self, mine):
        assert refused(self.target, size=3) == {"size"}

        (mine / "own.py").write_text(OWN.replace("width: Count", "size: Count = 1, width: Count"))

        assert check(self.target, size=3).size == 3

    @pytest.mark.parametrize(
        ("override", "message"),
        [
            ("model.widht=3", "model.widht: unknown key; did you mean 'model.width'?"),
            ("+model.widht=3", "model.widht: unknown key; did you mean 'width'?"),
            ("model.width=0", "model.width: should be greater than or equal to 1, got 0"),
            ("model.rate=1", "model.rate: write +model.rate=… to add it"),
            ("+model.rate=3", "model.rate: should be less than or equal to 2, got 3"),
            ("model.units=3", "model.units: write +model.units=… to add it"),
        ],
    )
    def test_a_wrong_key_of_ones_own_model_suggests_that_models_keys(self, mine, override, message):
        conf = mine.parent / "conf" / "model"
        conf.mkdir(parents=True)
        (conf / "mine.yaml").write_text(f"_target_: {self.target}\nwidth: 4\n")
        own = [f"hydra.searchpath=[file://{conf.parent}]", "model=mine", "allowed_targets=[remanence.,mine.]"]

        with pytest.raises(ConfigurationError) as error:
            checked(compose([*own, override]))

        assert str(error.value) == message

    def test_a_class_that_is_not_allowed_is_refused_and_not_imported(self):
        with pytest.raises(ConfigurationError, match=r"model\._target_: 'mine\.own\.Typed' is not under allowed"):
            checked(compose([f"model={{_target_: {self.target}}}"]))


def test_nothing_heavy_is_imported():
    heavy = ("torch", "pytorch_lightning", "sklearn", "pandas", "mlflow", "optuna", "remanence.models.dnn")
    asked = ["import sys; from remanence.configuration.on_offer import on_offer; found = on_offer('data')"]
    asked += ["found |= on_offer('model'); assert len(found) > 20; assert found['dnn'].defaults['hidden'] == [64, 64]"]
    asked += [f"print([name for name in {heavy} if name in sys.modules])"]

    done = subprocess.run([sys.executable, "-c", "; ".join(asked)], capture_output=True, text=True, timeout=120)

    assert done.stdout == "[]\n", done.stderr
