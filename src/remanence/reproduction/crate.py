"""The description of a bundle as RO-Crate 1.1: ``ro-crate-metadata.json``, JSON-LD that is flat and complete.

Source: https://w3id.org/ro/crate/1.1 and the profile https://w3id.org/ro/wfrun/process/0.5, which describes the run of
a program as an action with its inputs and results.
"""

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from remanence.data.table_file import digest_of

METADATA = "ro-crate-metadata.json"
CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT = [f"{CRATE}/context", {"sha256": "https://schema.org/sha256"}]
SPDX = "https://spdx.org/licenses/"
MEDIA_TYPES = {
    ".diff": "text/x-diff",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".safetensors": "application/octet-stream",
    ".skops": "application/octet-stream",
    ".yaml": "application/yaml",
    "": "text/plain",
}
"""Media types that ``mimetypes`` does not know, or knows on some machines only."""
NOT_STATED = {
    "@id": "#licence-not-stated",
    "@type": "CreativeWork",
    "name": "no licence stated",
    "description": "Whoever made this bundle has not said under which licence others may use it.",
}


@dataclass(frozen=True)
class BundledFile:
    """A file of a bundle."""

    name: str
    """Path in the bundle."""
    source: Path | bytes
    """The file on this machine, or its content."""
    about: str
    is_result: bool = True
    """Whether the run has made it; what it was made from otherwise."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, as hexadecimal digits."""
        if isinstance(self.source, bytes):
            return hashlib.sha256(self.source).hexdigest()
        return digest_of(self.source)


@dataclass(frozen=True)
class BundledData:
    """Data that a run has read, in the bundle or not."""

    name: str
    location: str
    """Where the run has read it, or the program that simulated it."""
    sha256: str
    kind: str
    """``local`` for a file, ``simulated`` for rows made by the package."""
    file: str | None = None
    """Path in the bundle; None if only the digest and the address are there."""
    address: str | None = None
    """Public address of a file with this content."""
    licence: str | None = None


@dataclass(frozen=True)
class Action:
    """How the run was made."""

    run_id: str
    name: str
    description: str
    began: datetime
    ended: datetime
    command: str
    user: str
    version: str
    commit: str | None


def crate(
    action: Action, files: Sequence[BundledFile], data: Sequence[BundledData], licence: str | None
) -> dict[str, Any]:
    """Return the description of a bundle as JSON-LD.

    Args:
        action: the run.
        files: all files of the bundle but the description itself.
        data: what the run has read.
        licence: licence of the bundle: an SPDX identifier or an address; None if nobody has said one.
    """
    payload = [_file(file) for file in files]
    web = [_web(each) for each in data if each.file is None and each.address is not None]
    elsewhere = [_elsewhere(each) for each in data if each.file is None and each.address is None]
    made_from = [_id(file.name) for file in files if not file.is_result]
    made_from += [_id(each.file) if each.file else each.address or _here(each) for each in data]
    software = _software(action)
    terms = _licence(licence)
    person = {"@id": f"#user-{quote(action.user)}", "@type": "Person", "name": action.user}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": action.name,
        "description": action.description,
        "datePublished": action.ended.isoformat(timespec="seconds"),
        "identifier": action.run_id,
        "license": _ref(terms),
        "author": _ref(person),
        "citation": _ref(software),
        "conformsTo": {"@id": PROFILE},
        "mentions": {"@id": f"#run-{action.run_id}"},
        "hasPart": [_ref(each) for each in (*payload, *web)],
    }
    made = {
        "@id": f"#run-{action.run_id}",
        "@type": "CreateAction",
        "name": f"run {action.run_id}",
        "description": action.command,
        "startTime": action.began.isoformat(timespec="seconds"),
        "endTime": action.ended.isoformat(timespec="seconds"),
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        "agent": _ref(person),
        "instrument": _ref(software),
        "object": [{"@id": each} for each in dict.fromkeys(made_from)],
        "result": [{"@id": _id(file.name)} for file in files if file.is_result],
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": CRATE},
        "about": {"@id": "./"},
    }
    profile = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    entities: list[dict[str, Any]] = [
        descriptor,
        root,
        *payload,
        *web,
        *elsewhere,
        made,
        software,
        person,
        terms,
        profile,
    ]
    unique = {entity["@id"]: entity for entity in entities}  # two inputs may be one file
    return {"@context": CONTEXT, "@graph": list(unique.values())}


def _file(file: BundledFile) -> dict[str, Any]:
    ending = Path(file.name).suffix.lower()
    media = MEDIA_TYPES.get(ending) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return {
        "@id": _id(file.name),
        "@type": "File",
        "name": file.name,
        "description": file.about,
        "encodingFormat": media,
        "contentSize": str(file.size),
        "sha256": file.sha256,
    }


def _web(data: BundledData) -> dict[str, Any]:
    known = {"description": f"published data, licence: {data.licence}"} if data.licence else {}
    return {"@id": data.address, "@type": "File", "name": data.name, "sha256": data.sha256, **known}


def _elsewhere(data: BundledData) -> dict[str, Any]:
    where = "made by" if data.kind == "simulated" else "read from"
    return {
        "@id": _here(data),
        "@type": "CreativeWork",
        "name": data.name,
        "description": f"not in the bundle; {where} {data.location}",
        "sha256": data.sha256,
    }


def _software(action: Action) -> dict[str, Any]:
    commit = {"identifier": action.commit} if action.commit else {}
    return {
        "@id": f"#remanence-{action.version}",
        "@type": "SoftwareApplication",
        "name": "remanence",
        "description": "tracked, composable, reproducible machine learning for functional materials",
        "version": action.version,
        "softwareVersion": action.version,
        "license": {"@id": f"{SPDX}BSD-3-Clause"},
        **commit,
    }


def _licence(licence: str | None) -> dict[str, Any]:
    if licence is None:
        return NOT_STATED
    address = licence if "://" in licence else f"{SPDX}{quote(licence)}"
    return {
        "@id": address,
        "@type": "CreativeWork",
        "name": licence,
        "description": f"licence of this bundle: {licence}",
    }


def _here(data: BundledData) -> str:
    return f"#data-{data.sha256[:16]}"


def _id(name: str) -> str:
    """Return the identifier of a file: its path in the bundle, encoded as an address."""
    return quote(name)


def _ref(entity: dict[str, Any]) -> dict[str, str]:
    return {"@id": entity["@id"]}
