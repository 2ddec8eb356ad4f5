"""What a message advises is typed here, and does what the message says.

``advice`` finds every message of the package that names a command, or that tells the user to give an override. Each is
either executed by a test of this file (``@executes`` and ``OVERRIDES``), or by one that stands where the surroundings
are (``ELSEWHERE``), or says what is and not what to do (``FACTS``). A new message fails the last test of this file.
"""

import re
import shlex
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from advice_in_source import PACKAGE, advice

TESTS = Path(__file__).parents[1]
SINGLE = ("experiment=piezo/single", "data.replicates=4", "figures=brief", "trainer.max_epochs=1", "baselines=none")
TABLE = ("experiment=piezo/table", "data.target=d33", "data.features=[x]", *SINGLE[2:], "data/split=stratified")

EXECUTED: set[str] = set()
"""Parts of messages whose advice a test of this file executes."""
FACTS = {
    "what remanence reproduces the run from": "says what a file is for",
    "The remanence developers": "an author",
    "with data.split.validation={…} {…}{…} would be left": "states a value",
    "design: the grid has": "ions= and step= of a search over a grid of hours",
    "add pruner=none or take another objective": "of a metric of one's own; the same advice as for test/r2",
    "fsdp needs GPUs": "its advice needs a GPU; tests/training/test_devices.py",
    "processes of torchrun or srun train one run": "a rank of several machines is told to leave them out",
    "torchrun and srun start several processes": "likewise",
    "trainer.num_nodes: {…} machines need torchrun or srun": "needs several machines",
    "pip install '{…}'": "needs the network",
    "start it (mlflow server": "starts a server, as tests/tracking/server.py does",
}
"""Parts of messages that state something, or whose advice needs another machine, to the reason."""
ELSEWHERE = {
    "no sliders: {…}": "studies/design/test_table_search.py",
    "no sliders: the fractions of a composition": "studies/design/test_formula_space.py",
    "-sc: Hydra's own completion is not in use": "verbs/test_completion.py::"
    "test_completion_by_hydra_is_refused_with_the_verb_that_works",
    'eval "$(remanence completion bash)"': "verbs/test_completion.py::test_the_tab_key_completes_in",
    'eval "$(remanence completion zsh)"': "verbs/test_completion.py::test_the_tab_key_completes_in",
    "remanence completion fish >": "verbs/test_completion.py::test_the_tab_key_completes_in_fish",
    "remanence list models    # or any other": "verbs/test_listing.py::test_what_is_advised_lists_and_explains",
    "remanence list <group> names the choices": "verbs/test_listing.py::test_what_is_advised_lists_and_explains",
    "remanence clean lists what no run needs": "verbs/test_clean.py",
    "environments of remanence reproduce, {…}; {…}": "verbs/test_clean.py::"
    "test_environments_of_reproduce_are_told_and_stay",
    "makes the run again and compares its metrics": "verbs/test_reproduce.py::"
    "test_a_bundle_is_enough_where_neither_run_nor_data_are",
    "is in {…}{…}; remanence reproduce bundle={…}": "verbs/test_reproduce.py::"
    "test_a_bundle_is_enough_where_neither_run_nor_data_are",
    "began with the weights of another run; environment=current": "verbs/test_reproduce.py::"
    "test_a_fork_begins_with_the_weights_of_its_origin_again",
    "environment=current says what differs and goes on": "verbs/test_reproduce.py::"
    "test_other_versions_are_told_or_lead_to_a_fresh_environment",
    "code=installed runs the installed code": "reproduction/test_code_state.py::"
    "test_outside_a_repository_the_installed_code_runs",
    "code=apply runs it all the same": "reproduction/test_code_state.py::"
    "test_a_commit_that_is_not_in_the_history_needs_the_users_word",
    "as np\nimport remanence as rm": "reproduction/test_exported_model.py::"
    "test_the_lines_of_the_readmes_load_it_where_there_is_no_mlflow",
    "as pd\nimport remanence as rm": "reproduction/test_exported_model.py::"
    "test_the_lines_of_the_readmes_load_it_where_there_is_no_mlflow",
    "model.decoder_blocks: its blocks must have": "models/test_additive_decoder.py::"
    "test_blocks_that_do_not_fit_the_latents_name_their_key",
    "model.decoder_blocks: only an additive decoder": "models/test_additive_decoder.py::"
    "test_a_joint_decoder_has_no_blocks",
    "model.rotate: the latents of model.decoder=additive": "models/test_beta_vae_axes.py::"
    "test_an_additive_decoder_is_not_turned",
    "model.rotate: turning mixes": "models/test_beta_vae_axes.py::test_latents_that_move_spectra_are_not_turned",
    "model.opening: moves the two branches": "models/test_moving_decoder.py::test_what_cannot_move_is_refused_by_name",
    "is no element; data.abbreviations={{": "science/composition/test_parse.py::test_what_a_refusal_advises_is_read",
    "B is read as boron; if bismuth is meant": "science/composition/test_parse.py::"
    "test_boron_that_should_be_bismuth_is_doubted",
    "measured in the end do not fit; starts=": "verbs/test_suggest.py::"
    "test_a_backtest_is_printed_and_logged_to_the_run",
    "several goals take acquisition=upper_bound": "studies/suggest/test_request.py::"
    "test_the_upper_bound_is_the_usual_acquisition_and_the_only_one_of_several_goals",
    "every candidate is measured or pending; name others": "studies/suggest/test_suggest_rows.py::"
    "test_what_is_measured_is_not_suggested_again",
    "the next experiments: run=<id> n=5": "verbs/test_suggest.py::"
    "test_the_next_experiments_are_printed_written_and_taken_as_pending",
    "; model={…} trains it": "verbs/test_train.py::test_the_test_rows_of_all_folds_are_every_row_once",
    "remanence ui   (in the repository: make ui)": "verbs/test_ui.py::test_no_signal_leaves_a_server_or_holds_the_port",
    "did not take everything": "verbs/test_sync.py::test_after_a_sync_it_is_as_if_nothing_had_happened",
    "name the folder of a run: remanence sync": "verbs/test_sync.py::"
    "test_several_folders_are_synced_one_after_the_other",
    "remanence sync sends them": "verbs/test_sync.py::test_after_a_sync_it_is_as_if_nothing_had_happened",
    "tracking.uri={…} names it": "verbs/test_clean.py::"
    "test_runs_of_another_database_are_left_alone_and_their_address_is_named",
    "nothing is removed yet; add yes=true": "verbs/test_clean.py",
    "list what no run needs any more; yes=true removes it": "verbs/test_clean.py",
    "tracking.uri=… names another server": "verbs/test_sync.py::test_another_address_may_be_given",
    "not fetched yet: remanence data fetch": "verbs/test_data.py::test_a_published_file_in_the_cache_needs_no_network",
    "advised_command restore": "verbs/test_restore.py::test_another_address_is_part_of_the_advice",
    "was deleted; `{…}` brings it": "verbs/test_restore.py::"
    "test_a_deleted_run_is_restored_by_the_command_that_is_advised",
    "is deleted; `{…}` brings it": "verbs/test_restore.py::"
    "test_a_deleted_experiment_comes_back_with_all_its_runs_by_the_command_that_is_advised",
    "is not a model of spectra; try": "studies/spectra/test_fit.py",
    "for a schedule to set and read": "studies/spectra/test_study_own_network.py",
    "say of which file, with data.path=": "studies/spectra/test_apply.py",
    "so it is trained as stacked members only": "configuration/test_own_stack.py",
    "several folds need stacked members": "training/test_fit.py",
    "stacked members weigh them: add ensemble=stacked": "training/test_fit_weighed.py::"
    "test_a_network_that_weighs_no_rows_says_so_and_its_stacked_members_do",
    "is not under allowed_targets": "verbs/test_trust_of_stored_runs.py::"
    "test_ones_own_network_loads_for_every_verb_when_the_user_says_so",
    "bring its own back, or start from the other run's weights": "tracking/test_own_checkpoints.py::"
    "test_the_checkpoint_of_another_run_of_the_same_shape_is_refused",
    "which would get your password": "verbs/test_sync.py::test_a_server_that_only_the_folder_names_gets_no_password",
    "add ensemble=single": "configuration/test_own_stack.py",
    "the checkpoint is of an older version": "verbs/test_fork.py",
    "and knows no angle θ of P": "studies/spectra/test_watch_scan.py::"
    "test_an_angle_that_nobody_knows_is_asked_for_and_taken",
    "is taken as {…}; data.names={{…}: <dimension>} chooses another": "data/spectra/test_raw_layouts.py::"
    "test_names_and_units_are_given_as_the_messages_say",
    "have no unit and are taken as {…}; data.units=": "data/spectra/test_raw_layouts.py::"
    "test_names_and_units_are_given_as_the_messages_say",
    "has no unit and is taken as {…}; data.units=": "data/spectra/test_raw_layouts.py::"
    "test_names_and_units_are_given_as_the_messages_say",
    "reads its loops; data.step=<0 to {…}> reads one spectrum of each": "data/spectra/test_line.py::"
    "test_a_scan_with_a_bias_is_read_as_the_message_says",
    "data.path: no scan given; add data.path=<an h5USID or NSID file>": "data/spectra/test_line.py::"
    "test_a_scan_that_is_not_named_is_asked_for",
    "data.rotation={…} turns those of another scan alike": "data/spectra/test_line.py::"
    "test_the_rotation_that_is_printed_turns_another_scan_alike",
    "the bias of a loop; experiment=beps/line data.path={…} reads it": "data/spectra/test_line.py::"
    "test_a_line_that_is_taken_for_a_scan_is_read_by_what_the_message_names",
    "is taken: {…}; data.refit=true fits all again": "data/spectra/test_stored_fit.py::"
    "test_a_good_fit_is_taken_and_gives_the_loops_of_a_fresh_one",
    "holds loops that somebody has fitted": "data/spectra/test_raw_layouts.py::"
    "test_loops_that_are_fitted_are_read_by_what_the_message_names",
    "outliers make the standard deviation of": "data/spectra/test_prepared_measurement.py::"
    "test_outliers_that_make_spectra_flat_are_told_and_what_is_advised_helps",
    "data.axis= gives their values": "verbs/test_data_advice.py::test_a_file_with_the_axis_is_taken_as_is_advised",
    "data.shape=[rows,columns] makes them a map": "verbs/test_data_advice.py::test_pixels_become_a_map_as_is_advised",
    "experiment=beps/loops reads loops of any shape": "verbs/test_data_advice.py::"
    "test_arrays_of_another_shape_are_read_as_loops_as_is_advised",
    "data.scaled=true takes them as z-scores": "verbs/test_data_advice.py::"
    "test_arrays_that_are_not_the_published_ones_are_scaled_as_is_advised",
    "whose resonances nobody has fitted": "verbs/test_data_advice.py::"
    "test_spectra_that_nobody_has_fitted_are_fitted_as_is_advised",
    "experiment=spectra/own reads spectra along any axis": "verbs/test_data_advice.py::"
    "test_what_has_no_bias_gets_one_or_is_read_along_its_axis_as_is_advised",
    "reads the projected loops instead": "verbs/test_data_advice.py::test_projected_loops_are_read_as_is_advised",
    "an instrument's own file: remanence data convert": "verbs/test_data_advice.py::"
    "test_a_file_of_an_instrument_is_converted_as_is_advised",
    "data.missing=impute fills features": "data/test_table.py::"
    "test_cells_without_a_value_are_left_out_or_filled_as_the_message_says",
    "data.missing=impute takes an empty category": "data/test_table.py::"
    "test_what_fills_a_cell_without_a_value_is_said_by_what_its_column_is",
    "weighs each row by it": "data/test_table.py::"
    "test_a_column_that_looks_like_an_uncertainty_is_used_as_the_line_says",
    "no file given; add data.path=": "verbs/test_data_advice.py::test_a_path_is_given_as_is_advised",
    "is not named: all its values are tried": "studies/design/test_candidate_rows.py::"
    "test_what_a_line_advises_fixes_the_input_or_makes_the_grid_smaller",
    "is not named: it takes the values of training rows nearby": "studies/design/test_candidate_rows.py::"
    "test_what_a_line_advises_fixes_the_input_or_makes_the_grid_smaller",
    "formulas of the training rows are tried": "studies/design/test_candidate_rows.py::"
    "test_a_composition_that_nobody_named_takes_the_formulas_of_the_training_rows",
    "over: the grid has more than": "studies/design/test_candidate_rows.py::"
    "test_what_a_line_advises_fixes_the_input_or_makes_the_grid_smaller",
    "fixes one value; over='{…}' tries several": "studies/design/test_candidate_rows.py::"
    "test_what_is_advised_where_one_value_is_given_and_where_nothing_is_searched_is_taken",
}
"""Part of a message to the test that executes its advice where its surroundings are."""
OVERRIDES = [
    (
        "several values; add -m",
        (*SINGLE, "seed=1,2"),
        ["-m"],
    ),
    (
        "is a search of several runs: add -m",
        (*SINGLE, "sweep=piezo/losses", "model.loss=mse"),
        ["-m"],
    ),
    (
        "add pruner=none, or give one objective",
        (
            "-m",
            *SINGLE,
            "seed=1,2",
            "pruner=median",
            "objective=[val/mse,test/r2]",
            "objective_direction=[minimize,maximize]",
        ),
        ["pruner=none"],
    ),
    (
        "add pruner=none or take val/mse",
        (
            "-m",
            *SINGLE,
            "seed=1,2",
            "pruner=median",
            "trainer.max_epochs=40",
            "objective=test/r2",
            "objective_direction=maximize",
        ),
        ["pruner=none"],
    ),
    (
        "add baselines=none",
        (
            "experiment=piezo/single",
            *SINGLE[1:4],
            "+baselines.pca={_target_: remanence.models.pca.PCA, n_components: 2}",
        ),
        ["baselines=none", "~baselines.pca"],
    ),
    (
        "add data.path=<a .csv, .xlsx or .parquet file>",
        TABLE,
        ["data.path={table}"],
    ),
    (
        "augmentation: needs a network with stacked members; add ensemble=stacked",
        (*SINGLE, "augmentation=noise"),
        ["ensemble=stacked", "ensemble.repeats=2"],
    ),
    (
        "and stands only beside one with",
        (*SINGLE[:4], "+baselines={other: {_target_: remanence.models.dnn.DNN, hidden: [4], activation: tanh}}"),
        ["~baselines.other"],
    ),
    (
        "leave hydra/launcher=slurm out",
        ("-m", *SINGLE, "seed=1,2", "hydra/launcher=slurm"),
        ["hydra/launcher=basic"],
    ),
    (
        "was not written by remanence; move it or set paths.outputs=<new folder>",
        SINGLE,
        ["paths.outputs={folder}"],
    ),
    (
        "use the release that wrote it, or set paths.outputs=<new folder>",
        SINGLE,
        ["paths.outputs={folder}"],
    ),
]
"""Part of a message, the arguments of ``train`` that it answers, and what it tells to add."""


def executes(*parts: str):
    """Say which messages' advice a test executes."""
    EXECUTED.update(parts)
    return lambda test: test


@pytest.fixture
def prepared(client, table, tmp_path):
    """Prepare what a message is about, and return what stands for the placeholders of its advice."""

    def prepare(part):
        if "was not written by remanence" in part or "use the release that wrote it" in part:
            experiment = client.create_experiment("piezo")
            if "release" in part:
                client.set_experiment_tag(experiment, "remanence.schema_version", "0")
        return {"table": table(), "folder": tmp_path / "new"}

    return prepare


@pytest.mark.parametrize(("part", "typed", "advised"), OVERRIDES, ids=[part for part, _, _ in OVERRIDES])
def test_an_override_that_a_message_advises_mends_the_command(command, prepared, monkeypatch, part, typed, advised):
    monkeypatch.setattr("shutil.which", lambda program, **_: None)
    values = prepared(part)

    refused = command("train", *typed)
    mended = command("train", *typed, *(each.format(**values) for each in advised))

    assert refused.code in (1, 2)
    assert part in refused.out + refused.err
    assert mended.code == 0, mended.err


def advised_in(message: str, pattern: str) -> list[str]:
    """Return the words of the command that a message names."""
    found = re.search(pattern, message)
    assert found is not None, message
    return shlex.split(found.group())


@executes("advised_command train")
def test_an_interrupted_run_is_resumed_by_the_command_that_is_printed(stop, command, client):
    stopped, run = stop(signal.SIGTERM)

    program, *arguments = advised_in(stopped.err, r"remanence train resume=.*")

    assert program == "remanence"
    assert command(*arguments).code == 0
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


@executes("if it is dead, say so first: python -c")
def test_a_run_of_a_dead_machine_is_resumed_after_what_is_advised(
    stop, command, client, outputs, monkeypatch, tmp_path
):
    _, run = stop(signal.SIGTERM)
    _, *owner = run.data.tags["remanence.owner"].split()
    client.set_tag(run.info.run_id, "remanence.owner", " ".join(["nebula", *owner]))
    client.delete_tag(run.info.run_id, "remanence.claim")  # earlier releases have none
    client.update_run(run.info.run_id, status="RUNNING")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "elsewhere"))
    again = ("train", f"resume={run.info.run_id}", f"tracking.uri=sqlite:///{outputs}/mlflow.db")

    refused = command(*again)
    _, *arguments = advised_in(refused.err, r"python -c .*")
    subprocess.run([sys.executable, *arguments], check=True)

    assert refused.code == 2
    assert command(*again).code == 0


@executes("there is nothing to go on with; see fork=", "fork= changes more")
def test_a_finished_run_is_forked_as_is_advised(train, command):
    run = train("model.hidden=[8]").info.run_id

    finished = command("train", f"resume={run}")
    changed = command("train", f"resume={run}", "model.lr=0.5")

    assert (finished.code, changed.code) == (2, 2)
    assert "see fork=" in finished.err
    assert "fork= changes more" in changed.err
    assert command("train", f"fork={run}", "model.lr=0.5").code == 0


@executes("or start a new run with fork={…}")
def test_a_run_whose_file_has_changed_is_forked_as_is_advised(command, table, all_runs, client):
    path = table()
    assert command("train", *TABLE, f"data.path={path}").code == 0
    (run,) = all_runs()
    client.set_terminated(run.info.run_id, "KILLED")
    table(rows=31)

    refused = command("train", f"resume={run.info.run_id}")
    (override,) = advised_in(refused.err, r"fork=\w+")

    assert refused.code == 2
    assert command("train", override).code == 0


@executes("or REMANENCE_OUTPUTS names another place")
def test_runs_are_found_at_another_address_as_is_advised(train, command, outputs, monkeypatch, tmp_path):
    run = train("model=linear").info.run_id
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "elsewhere"))

    refused = command("evaluate", f"run={run}")
    named = command("evaluate", f"run={run}", f"tracking.uri=sqlite:///{outputs}/mlflow.db")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(outputs))

    assert refused.code == 2
    assert "tracking.uri=… or REMANENCE_OUTPUTS" in refused.err
    assert named.code == 0, named.err
    assert command("evaluate", f"run={run}").code == 0


@executes("engine: xgboost is not installed; pip install 'remanence[boosting]', or take sklearn")
def test_the_extra_that_is_advised_has_the_package_and_the_other_engine_needs_none(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    extras = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    boosted = (*SINGLE, "model=gradient_boosting", "model.engine=xgboost")

    refused = command("train", *boosted)

    assert "pip install 'remanence[boosting]', or take sklearn" in refused.err
    assert any(requirement.startswith("xgboost") for requirement in extras["boosting"])
    assert command("train", *boosted, "model.engine=sklearn").code == 0


@executes("pip install 'remanence[instruments]'")
def test_the_extra_that_reads_files_of_instruments_has_their_reader(command, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "SciFiReaders", None)
    extras = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (tmp_path / "a.dm4").write_bytes(b"x")

    refused = command("data", "convert", str(tmp_path / "a.dm4"), str(tmp_path / "a.h5"))

    assert "pip install 'remanence[instruments]'" in refused.err
    assert refused.code == 2
    assert any(requirement.startswith("SciFiReaders") for requirement in extras["instruments"])


@executes(
    "or make one: remanence data simulate beps scan.h5",
    "Write one with: remanence data simulate beps scan.h5; train with experiment=beps/raw data.path=scan.h5",
)
def test_a_scan_is_simulated_and_trained_on_as_is_advised(command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    small = ("data.rows=6", "data.cols=6", "data.steps=16", "data.bins=20")
    quick = ("figures=brief", "baselines=none", "beta_schedule=none", "trainer.max_epochs=1", "model.units=8")

    refused = command("train", "experiment=beps/raw", *quick)
    described = command("data", "describe", "beps")
    written = command(*advised_in(refused.err, r"(?<=remanence )data simulate beps scan.h5"), *small)
    arguments = advised_in(described.out, r"experiment=beps/raw data.path=scan.h5")

    assert refused.code == 2
    assert written.code == 0, written.err
    trained = command("train", *arguments, *quick)
    assert trained.code == 0, trained.err


@executes("  train        remanence train {…}", "convert it    remanence data convert {…} {…}")
def test_what_describe_advises_of_a_file_converts_it_and_trains_on_it(command, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    files = TESTS / "data" / "instruments"
    quick = ("figures=brief", "baselines=none", "beta_schedule=none", "trainer.max_epochs=1", "model.units=8")
    quick += ("data.split.block=1", "data.split.validation=0.2", "data.split.test=0.2")  # of 20 pixels

    wave = command("data", "describe", str(files / "igor_volume.ibw"))
    converted = command(*advised_in(wave.out, r"(?<=remanence )data convert \S+ \S+"))
    described = command("data", "describe", str(files / "beps_snake.h5"))
    trained = command("train", *advised_in(described.out, r"(?<=remanence train ).+"), *quick)

    assert converted.code == 0, converted.err
    assert (tmp_path / "igor_volume.h5").is_file()
    assert trained.code == 0, trained.err


@executes("  train        remanence train experiment=spectra/own {…}")
def test_arrays_are_trained_on_as_describe_advises(command):
    path = TESTS / "data" / "instruments" / "loops.npz"
    quick = ("figures=brief", "baselines=none", "beta_schedule=none", "trainer.max_epochs=1", "model.units=8")
    quick += ("data.split.block=1", "data.split.validation=0.2", "data.split.test=0.2")  # of 20 pixels

    described = command("data", "describe", str(path))
    trained = command("train", *advised_in(described.out, r"(?<=remanence train ).+"), *quick)

    assert trained.code == 0, trained.err


@executes("  train        remanence train experiment=beps/loops {…}")
def test_fits_of_a_contact_kelvin_probe_scan_are_trained_on_as_they_are_described(command, tmp_path):
    fields = ("Amplitude [V]", "Frequency [Hz]", "Quality Factor", "Phase [rad]", "R2 Criterion")
    records = np.ones((6, 6, 1, 8, 2), dtype=[(name, "f4") for name in fields])
    records["Amplitude [V]"] += np.random.default_rng(0).random(records.shape)
    write = np.array([0, 2, 4, 2, 0, -2, -4, -2], dtype=np.float32)
    np.savez(tmp_path / "fits.npz", Nd_mat=records, bias_vec_w=write, bias_vec_r=np.tile([-1.0, 1.0], (8, 1)))
    described = command("data", "describe", str(tmp_path / "fits.npz"))
    quick = ("model=pca", "baselines=none", "beta_schedule=none", "figures=brief", "data.split.validation=0.1")

    trained = command("train", *advised_in(described.out, r"(?<=remanence train ).+"), *quick)

    assert trained.code == 0, trained.err


@executes("train   remanence train {…}")
def test_a_table_is_trained_on_as_describe_advises(command, table):
    path = table(lph_slope=[0.1 * number for number in range(30)])

    described = command("data", "describe", str(path))
    trained = command("train", *advised_in(described.out, r"(?<=remanence train ).+"), "data.features=[x]", *TABLE[3:])

    assert trained.code == 0, trained.err


@executes("python -m remanence.configuration.model_file CLASS FILE mends it")
def test_a_file_of_a_model_is_mended_as_is_advised(tmp_path, capsys, monkeypatch):
    from remanence.configuration import model_file

    conf = PACKAGE.parents[1] / "conf" / "model" / "ridge.yaml"
    changed = tmp_path / "ridge.yaml"
    changed.write_text(conf.read_text().replace("[0.01,", "[0.02,"))

    assert model_file.main(["remanence.models.ridge.Ridge", str(changed)]) == 0
    assert changed.read_text() == conf.read_text()


@executes("cannot be used: {…}; give port=…")
def test_another_port_is_taken_as_is_advised(command, monkeypatch, nobody):
    monkeypatch.setattr("remanence.verbs.ui.serve", lambda uri, port: None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = command("ui", f"port={other.getsockname()[1]}")

    assert "give port=…" in refused.err
    assert command("ui", f"port={nobody.rpartition(':')[2]}").code == 0


@executes("remanence: tracked, composable, reproducible machine learning")
def test_the_examples_of_the_help_are_commands_that_work(command, monkeypatch, tmp_path, table):
    from remanence.verbs.cli import HELP

    monkeypatch.chdir(tmp_path)
    table(lph_slope=[0.1 * number for number in range(30)])
    quick = ("figures=brief", "baselines=none", "trainer.max_epochs=1", "augmentation=none", "ensemble.repeats=1")
    examples = re.findall(r"^  (remanence train .*?)(?: +#.*)?$", HELP, re.MULTILINE)

    for example in examples:
        result = command(*shlex.split(example)[1:], *quick)
        assert result.code == 0, (example, result.err)
    assert len(examples) == 4


def test_the_tests_that_stand_elsewhere_exist():
    for test in ELSEWHERE.values():
        path, _, name = test.partition("::")
        assert name in (TESTS / path).read_text(encoding="utf-8")


def test_every_message_that_advises_something_is_executed():
    messages = advice()
    known = {*EXECUTED, *FACTS, *ELSEWHERE, *(part for part, _, _ in OVERRIDES)}
    uncovered = [
        f"{where}  {text[:150]}" for text, where in messages.items() if not any(part in text for part in known)
    ]
    stale = [part for part in known if not any(part in text for text in messages)]

    assert not uncovered, "\n".join(uncovered)
    assert not stale, "\n".join(stale)
