"""The rules of RO-Crate 1.1 that a crate MUST keep, and those of JSON-LD that is flat; each broken one is a line.

https://www.researchobject.org/ro-crate/specification/1.1/ (sections "RO-Crate Metadata Document", "Root Data Entity",
"Data Entities", "Contextual Entities") and https://www.researchobject.org/workflow-run-crate/profiles/0.5/process_run_crate
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote, urlsplit

METADATA = "ro-crate-metadata.json"


def broken_rules(path) -> list[str]:
    """Return the rules that a zipped crate breaks."""
    with zipfile.ZipFile(path) as packed:
        return list(_broken(packed))


def _broken(packed: zipfile.ZipFile) -> Iterator[str]:
    names = {name for name in packed.namelist() if not name.endswith("/")}
    if METADATA not in names:
        yield "the crate has no metadata document at its root"
        return
    document = json.loads(packed.read(METADATA).decode("utf-8"))
    context = document["@context"] if isinstance(document["@context"], list) else [document["@context"]]
    if "https://w3id.org/ro/crate/1.1/context" not in context:
        yield "the context is not that of RO-Crate 1.1"
    graph = document["@graph"]
    entities = {entity.get("@id"): entity for entity in graph}
    if len(entities) < len(graph) or None in entities:
        yield "an entity has no @id, or shares it"
    yield from (f"{each['@id']} has no @type" for each in graph if "@type" not in each)
    for entity in graph:
        for key, value in entity.items():
            for reference in value if isinstance(value, list) else [value]:
                if isinstance(reference, dict):
                    if set(reference) != {"@id"}:
                        yield f"{entity['@id']}: {key} is nested, the graph is not flat"
                    elif reference["@id"] not in entities and not urlsplit(reference["@id"]).scheme:
                        yield f"{entity['@id']}: {key} leads to {reference['@id']}, which is not described"
    descriptor = entities.get(METADATA, {})
    if descriptor.get("@type") != "CreativeWork" or descriptor.get("about") != {"@id": "./"}:
        yield "the descriptor is no CreativeWork about the root"
    if descriptor.get("conformsTo") != {"@id": "https://w3id.org/ro/crate/1.1"}:
        yield "the descriptor does not conform to RO-Crate 1.1"
    root = entities.get("./", {})
    if root.get("@type") != "Dataset":
        yield "the root is no Dataset"
    yield from (
        f"the root has no {key}" for key in ("name", "description", "datePublished", "license") if not root.get(key)
    )
    datetime.fromisoformat(root["datePublished"])
    parts = {part["@id"] for part in root.get("hasPart", [])}
    files = {each["@id"] for each in graph if each["@type"] == "File"}
    if files != parts:
        yield f"hasPart and the files differ: {sorted(files ^ parts)}"
    local = {unquote(each): entities[each] for each in files if not urlsplit(each).scheme}
    if set(local) != names - {METADATA}:
        yield f"described and packed files differ: {sorted(set(local) ^ (names - {METADATA}))}"
    for name, entity in local.items():
        content = packed.read(name)
        if hashlib.sha256(content).hexdigest() != entity["sha256"] or str(len(content)) != entity["contentSize"]:
            yield f"{name} is not what is described"
    (action,) = [each for each in graph if each["@type"] == "CreateAction"]
    if root.get("mentions") != {"@id": action["@id"]} or not action.get("instrument") or not action.get("endTime"):
        yield "the action is not mentioned, or has no instrument or end"
