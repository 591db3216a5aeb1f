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
    header = _FRONT_MATTER.search(folder.text(CARD) or "")
    fields = dict(_FIELD.findall(header[1])) if header else {}
    named = fields.get("license_name") if fields.get("license") in (None, "other") else fields["license"]
    if named:
        return f"{shown(named)} ({CARD})"
    files = [name for name in folder.names if _FILES.fullmatch(name)]
    return f"see {', '.join(map(shown, files))}" if files else ""
