import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from crate_rules import METADATA, broken_rules

from remanence.reproduction.crate import Action, BundledData, BundledFile, crate

ACTION = Action(
    run_id="0" * 32,
    name="mine",
    description="DNN on mine.csv",
    began=datetime(2026, 1, 1, 12, tzinfo=UTC),
    ended=datetime(2026, 1, 1, 13, tzinfo=UTC),
    command="remanence train experiment=piezo/ns",
    user="Ada Ω",
    version="0.1.0",
    commit="a" * 40,
)
FILES = [
    BundledFile("config.yaml", b"seed: 0\n", "configuration", is_result=False),
    BundledFile("figures/parity d33 (µm).png", b"picture", "figure"),
]
HERE = BundledData("mine.csv", "/data/mine.csv", "1" * 64, "local")
WEB = BundledData("a.npy", "/cache/a.npy", "2" * 64, "local", address="https://example.org/a.npy", licence="MIT")


@pytest.fixture
def pack(tmp_path):
    """Write a crate as a zip file: ``pack(files, data, licence)``."""

    def write(files=FILES, data=(HERE, WEB), licence=None):
        path = tmp_path / "crate.zip"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(METADATA, json.dumps(crate(ACTION, files, data, licence)))
            for file in files:
                packed.writestr(file.name, file.source)
        return path

    return write


def entities(path):
    with zipfile.ZipFile(path) as packed:
        return {each["@id"]: each for each in json.loads(packed.read(METADATA))["@graph"]}


@pytest.mark.parametrize("licence", [None, "CC-BY-4.0", "https://creativecommons.org/publicdomain/zero/1.0/"])
def test_a_crate_keeps_the_rules(pack, licence):
    assert broken_rules(pack(licence=licence)) == []


def test_rules_that_are_broken_are_found(pack):
    path = pack()
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("stray.txt", "not described")

    assert broken_rules(path) == ["described and packed files differ: ['stray.txt']"]


def test_published_data_are_named_by_their_address_and_own_data_by_their_digest(pack):
    found = entities(pack())
    action = found["#run-" + "0" * 32]

    assert found["https://example.org/a.npy"]["description"] == "published data, licence: MIT"
    assert found["#data-" + "1" * 16]["sha256"] == "1" * 64
    assert {each["@id"] for each in action["object"]} == {
        "config.yaml",
        "https://example.org/a.npy",
        "#data-" + "1" * 16,
    }
    assert [each["@id"] for each in action["result"]] == ["figures/parity%20d33%20%28%C2%B5m%29.png"]


def test_data_that_were_read_twice_are_described_once(pack):
    path = pack(data=(HERE, replace(HERE, name="the same")))

    assert broken_rules(path) == []


def test_a_licence_is_an_address_and_a_missing_one_is_said(pack):
    assert entities(pack(licence="CC-BY-4.0"))["./"]["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}
    assert entities(pack())["#licence-not-stated"]["name"] == "no licence stated"
