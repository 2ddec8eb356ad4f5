from dataclasses import asdict, fields

import pytest
import yaml
from pydantic import ValidationError

from remanence.configuration.choices import choices
from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.models import scale_options
from remanence.models.scale_options import Classification, Regression, Scale, read_scales
from remanence.studies.kinds import checked

CONF = conf_folder()
EXPERIMENTS = choices(CONF / "experiment" / "nested")
HEAD = {"kind": "regression", "columns": ["gap"]}
LEAST = {"data": "gaps", "inputs": ["B_EN"], "latent_dim": 2, "heads": {"gap": HEAD}}


def configured(name):
    return yaml.safe_load((CONF / "model" / f"{name}.yaml").read_text())


@pytest.mark.parametrize(
    ("file", "schema"),
    [("scale/default", Scale), ("head/regression", Regression), ("head/classification", Classification)],
)
def test_a_yaml_names_every_key_of_its_schema(file, schema):
    assert set(configured(file)) == {field.name for field in fields(schema)}


@pytest.mark.parametrize("key", ["encoder", "decoder", "regularizers", "training"])
def test_the_parts_of_a_scale_are_named_in_full(key):
    assert set(configured("scale/default")[key]) == set(asdict(read_scales({"ions": LEAST})["ions"])[key])


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_scales_of_an_experiment_are_read_as_they_were_written(experiment):
    scales = checked(compose([f"experiment=nested/{experiment}"])).model["scales"]

    read = read_scales(scales)

    assert {name: asdict(scale) for name, scale in read.items()} == scales
    assert len(read) >= 2


def test_what_is_left_out_keeps_the_defaults_of_the_schema():
    scale = read_scales({"ions": LEAST})["ions"]

    assert (scale.parents, scale.join, scale.gaussian_process) == ([], {}, False)
    assert scale.encoder == scale_options.Encoder()
    assert scale.decoder == scale_options.Decoder()
    assert scale.heads["gap"] == Regression(**HEAD)
    assert scale.training == scale_options.ScaleTraining(None, None, None)


def test_scales_keep_their_order_and_so_do_their_heads():
    heads = dict.fromkeys(("z", "gap", "a"), HEAD)

    scales = read_scales({name: LEAST | {"heads": heads} for name in ("solvent", "ions", "cell")})

    assert list(scales) == ["solvent", "ions", "cell"]
    assert all(list(scale.heads) == list(heads) for scale in scales.values())


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"latent_dim": 0}, "latent_dim"),
        ({"latent_dim": "3"}, "latent_dim"),
        ({"latents": 3}, "latents"),
        ({"inputs": []}, "inputs"),
        ({"encoder": {"hidden": [8, 0]}}, "encoder.hidden.1"),
        ({"encoder": {"dropout": 1.0}}, "encoder.dropout"),
        ({"encoder": {"activation": "selu"}}, "encoder.activation"),
        ({"encoder": {"output": "sigmoid"}}, "encoder.output"),
        ({"encoder": {"init": "orthogonal"}}, "encoder.init"),
        ({"decoder": {"loss": "rmse"}}, "decoder.loss"),
        ({"decoder": {"weight": -0.1}}, "decoder.weight"),
        ({"regularizers": {"l1": float("nan")}}, "regularizers.l1"),
        ({"heads": {"gap": {"columns": ["gap"]}}}, "heads.gap"),
        ({"heads": {"gap": HEAD | {"kind": "ranking"}}}, "heads.gap"),
        ({"heads": {"gap": HEAD | {"columns": []}}}, "heads.gap.regression.columns"),
        ({"heads": {"site": {"kind": "classification", "columns": ["A"], "loss": "mae"}}}, "heads.site.classification"),
        ({"training": {"lr": 0.0}}, "training.lr"),
        ({"training": {"batch_size": 0}}, "training.batch_size"),
    ],
)
def test_a_bad_value_is_named_with_its_scale(wrong, named):
    with pytest.raises(ValidationError) as error:
        read_scales({"cell": LEAST, "ions": LEAST | wrong})

    places = [".".join(map(str, detail["loc"])) for detail in error.value.errors()]
    assert all(place.startswith(f"ions.{named}") for place in places), places
