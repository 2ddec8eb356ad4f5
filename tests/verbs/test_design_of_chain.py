from types import SimpleNamespace

import pandas as pd
import pytest
from small_chain import SmallChain, training_rows

from remanence.studies.chain.apply import AppliedChain
from remanence.studies.spectra.apply import AppliedSpectra
from remanence.studies.spectra.logged_model import SpectralModel


@pytest.fixture
def chain_run(monkeypatch):
    """Answer ``run=known`` with a chain and its training rows."""
    rows = {scale: SimpleNamespace(frame=frame) for scale, frame in training_rows().items()}
    answer_with(monkeypatch, "remanence.data.nested.chain.Chain")
    monkeypatch.setattr(AppliedChain, "of", lambda run: AppliedChain(run, SmallChain()))
    monkeypatch.setattr("remanence.studies.chain.apply.open_own_data", lambda run, _: SimpleNamespace(rows=rows))


def answer_with(monkeypatch, target):
    """Let every run be one on data of a class."""
    config = {"data": {"_target_": target}}
    found = SimpleNamespace(inputs=SimpleNamespace(dataset_inputs=[]))
    monkeypatch.setattr(
        "remanence.tracking.open_run.open_run",
        lambda wanted, uri: SimpleNamespace(id=wanted, config=config, found=found),
    )


@pytest.mark.usefixtures("chain_run")
def test_candidates_are_printed_with_intervals_and_units_and_written_whole(command, tmp_path):
    result = command(
        "design",
        "run=known",
        "target=binding_energy<8",
        "constraints=gap in [1.6,2]",
        "ions=Cs,MA,Pb,Br,I",
        "step=0.5,X=1/3",
        "top=2",
        f"output={tmp_path}/candidates.csv",
    )

    assert result.code == 0, result.err
    written = pd.read_csv(tmp_path / "candidates.csv")
    assert f"{len(written)} candidates written to" in result.out
    met = (written["meets"] == "yes").sum()
    assert 0 < met < len(written)
    assert f"{met} of {len(written)} candidates meet binding_energy<8 and gap in [1.6,2]" in result.out
    assert list(written.columns) == [
        *("composition", "solvent"),
        *("binding_energy", "binding_energy_predicted", "binding_energy_low", "binding_energy_high"),
        *("gap", "gap_predicted", "gap_low", "gap_high", "meets", "sure", "distance", "extrapolated", "found_by"),
    ]
    assert set(written["composition"]) >= {"CsPbBrI2", "Cs0.5MA0.5PbI3"}
    printed = " ".join(result.out.split())
    best = written.iloc[0]
    for shown in ("(kJ/mol)", "(eV)", f"{best['gap_predicted']:.4g}", f"({best['gap_low']:.3g}"):
        assert shown in printed


@pytest.mark.usefixtures("chain_run")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["target=pce<8"], "target: the run predicts gap, binding_energy, not 'pce'"),
        (["target=gap>1", "constraints=gap>1 and gap=min"], "constraints: expected such as"),
        (
            ["target=gap>1", "over=gap=0:1"],
            "design: over= is not for run known, which is on a chain of scales; it takes constraints=, ions=, step=",
        ),
        (
            ["target=gap>1", "constraint=gap<2"],
            "design: constraint= is not for run known, which is on a chain",
        ),
        (["target=gap>1", "ions=Pb,Xe"], "ions: unknown ion 'Xe'"),
    ],
)
def test_a_wrong_argument_is_one_line(command, arguments, message):
    result = command("design", "run=known", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"remanence: error: {message}")


def test_spectra_have_no_inputs_to_search(command, monkeypatch):
    answer_with(monkeypatch, "remanence.data.spectra.toy.Toy")
    spectral = SpectralModel.__new__(SpectralModel)
    monkeypatch.setattr(AppliedSpectra, "of", lambda run: AppliedSpectra(run, spectral))

    result = command("design", "run=known", "target=gap>1")

    assert result.code == 2
    assert "design: run known unmixes spectra" in result.err
