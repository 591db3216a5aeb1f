"""Reads the license that a folder states."""

from __future__ import annotations

import re

from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.headers import shown

CARD = "README.md"

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(license|license_name):\s*[\"']?([^\"'\n#]+?)[\"']?\s*$", re.MULTILINE)
_FILES = re.compile(r"(licen[cs]e|terms|use_policy|notice|.*_terms)(\..*)?", re.IGNORECASE)


def read_license(folder: ModelFolder) -> str:
    """The license in the model card's header, or else the names of license files; empty if there is neither."""
    fields = license_fields(folder)
    named = fields.get("license_name") if fields.get("license") in (None, "other") else fields["license"]
    if named:
        return f"{shown(named)} ({CARD})"
    files = license_files(folder)
    return f"see {', '.join(map(shown, files))}" if files else ""


def license_fields(folder: ModelFolder) -> dict[str, str]:
    """`license` and `license_name` in the model card's header, as far as they are there."""
    header = _FRONT_MATTER.search(folder.text(CARD) or "")
    return dict(_FIELD.findall(header[1])) if header else {}


def license_files(folder: ModelFolder) -> list[str]:
    """The files whose name says that they hold a license or a notice."""
    return [name for name in folder.names if _FILES.fullmatch(name)]
