"""Scripts and notebooks as users write them, in processes of their own."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

pytestmark = pytest.mark.slow
SMALL = '"data.replicates=4", "trainer.max_epochs=2", "figures=brief", "baselines=none"'
MANY = f'"piezo/single", {{"model.lr": [1e-3, 1e-2]}}, {SMALL}, n_jobs=2'


@pytest.fixture
def script(tmp_path, outputs):
    """Run a script in a folder of its own and return what it prints."""

    def run(text):
        path = tmp_path / "script.py"
        path.write_text("print('begins')\nimport remanence as rm\n" + textwrap.dedent(text))
        done = subprocess.run([sys.executable, path.name], cwd=tmp_path, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_a_script_that_is_not_guarded_is_not_run_by_the_processes_of_its_sweep(script):
    printed = script(f"found = rm.sweep({MANY})\nprint(found.trials['outcome'].tolist(), found.best.status)")

    assert printed == ["begins", "['ok', 'ok'] FINISHED"]


def test_a_script_that_is_not_guarded_trains_on_several_devices(script):
    printed = script(f'print(rm.train("piezo/single", {SMALL}, "trainer.devices=2", "trainer.accelerator=cpu").status)')

    assert printed == ["begins", "FINISHED"]


def test_a_thread_sweeps_with_processes_which_leave_ctrl_c_to_it(script):
    printed = script(
        f"""
        import signal, threading
        found = []
        thread = threading.Thread(target=lambda: found.append(rm.sweep({MANY})))
        thread.start()
        thread.join()
        print(found[0].trials["outcome"].tolist(), signal.pthread_sigmask(signal.SIG_BLOCK, []))
        """
    )

    assert printed == ["begins", "['ok', 'ok'] set()"]


def test_sigterm_ends_a_script_and_its_run_can_be_resumed(outputs, all_runs):
    code = 'import remanence as rm; rm.train("piezo/single", "trainer.max_epochs=1000000", "callbacks.patience=null")'
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    threading.Timer(240, process.kill).start()
    while process.poll() is None and not list(outputs.glob("runs/*/checkpoints/last.ckpt")):
        signal.sigtimedwait([], 0.2)
    process.terminate()

    told = process.communicate()[1]
    assert process.returncode == -signal.SIGTERM
    assert "stopped by SIGTERM; to go on: remanence train resume=" in told
    assert [run.info.status for run in all_runs()] == ["KILLED"]


def test_a_notebook_trains_sweeps_and_shows_figures(tmp_path, outputs):
    from jupyter_client.manager import start_new_kernel

    kernel, client = start_new_kernel(cwd=str(tmp_path), env=dict(os.environ))
    try:
        execute = notebook(client)
        execute("import remanence as rm, asyncio, signal; assert asyncio.get_event_loop().is_running()")
        shown = execute(f'run = rm.train("piezo/single", {SMALL}); run')
        assert any("2/2 epochs" in text for text in shown)
        assert shown[-1].startswith("<run ")
        assert any("data:image/png;base64," in text for text in execute("run.figures"))
        assert "2 ok" in execute(f"rm.sweep({MANY})")[-1]
        assert execute('rm.train("piezo/single", "trainer.max_epoch=3")')[-1].startswith("ConfigurationError: trainer.")
        execute("assert signal.getsignal(signal.SIGINT) is signal.default_int_handler")
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


def notebook(client):
    """Return what executes a cell and returns what it shows, one after the other."""

    def execute(code):
        shown = []

        def show(message):
            content = message["content"]
            if message["msg_type"] == "error":
                shown.append(f"{content['ename']}: {content['evalue']}")
            for kind in ("text/html", "text/plain"):
                if kind in content.get("data", {}):
                    shown.append(content["data"][kind])

        client.execute_interactive(code, output_hook=show, timeout=300)
        return shown

    return execute
