import threading
import time

from remanence.foundation.own_time import TURNS, Turns
from remanence.foundation.phases import phase, timed
from remanence.foundation.stack_sampler import INTERVAL, StackSampler, _name, sampled


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_samples_say_in_which_phase_and_function_the_time_went():
    with timed(), sampled() as sampler, phase("fit"):
        busy(20 * INTERVAL)
        sampler.end()
    stacks = sampler.stacks()

    inside = sum(seconds for stack, seconds in stacks.items() if stack[0] == "fit" and stack[-1].endswith(": busy"))
    assert inside > 0.5 * sum(stacks.values())
    assert 0.5 * 20 * INTERVAL < sum(stacks.values()) < 60


def test_the_turns_of_others_are_not_counted_and_a_training_of_several_by_its_share():
    turns = Turns(share=0.0)
    before = TURNS.set(turns)
    try:
        with sampled() as sampler:
            busy(5 * INTERVAL)
            none = sum(sampler._seconds.values())
            turns.share = 0.25
            began = time.perf_counter()
            busy(30 * INTERVAL)
            sampler.end()
            took = time.perf_counter() - began
    finally:
        TURNS.reset(before)

    assert none == 0
    assert 0 < sum(sampler.stacks().values()) < 0.5 * took, "a quarter, and what the first look found undecided"


def test_what_is_not_wanted_starts_no_thread():
    before = threading.active_count()
    with sampled(wanted=False) as sampler:
        assert sampler is None
        assert threading.active_count() == before


def test_a_sampler_without_a_sample_has_no_stacks():
    assert StackSampler().stacks() == {}


def test_a_function_is_named_by_its_module_and_by_no_path_of_the_machine():
    names = {
        "/home/me/venv/lib/python3.11/site-packages/torch/nn/linear.py": "torch.nn.linear: run",
        "/usr/lib/python3.11/threading.py": "threading: run",
        "/home/me/code/src/remanence/cli.py": "remanence.cli: run",
        "/home/me/secret/mylab/net.py": "mylab.net: run",
    }
    for path, expected in names.items():
        scope = {}
        exec(compile("def run(): pass", path, "exec"), scope)
        assert _name(scope["run"].__code__) == expected
