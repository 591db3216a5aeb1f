"""Folders that may be added over the API and on the page: those inside the folders of MODEL_ROOTS."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings

from tunix.api.exceptions import InvalidInput
from tunix.pipeline.models.pretrained.keys import CONFIG

MOST_OFFERED = 200
NO_ROOTS = (
    "No folder can be added here, because MODEL_ROOTS is not set. Set it to the folders with models, or run "
    "`manage.py add_model FOLDER --id NAME` on the server."
)
_OUTSIDE = (
    "Only folders inside {roots} can be added here (MODEL_ROOTS). Move the folder there, or run "
    "`manage.py add_model FOLDER --id NAME` on the server."
)


def folder_inside_roots(text: str) -> Path:
    """The folder, absolute or below one of MODEL_ROOTS. Raises InvalidInput for the field `folder`.

    Links are followed first. Whether a folder outside exists is not said.
    """
    roots = [root.resolve() for root in settings.MODEL_ROOTS]
    if not roots:
        raise InvalidInput({"folder": [NO_ROOTS]})
    inside = [path for path in _real_paths(text, roots) if any(path.is_relative_to(root) for root in roots)]
    found = next((path for path in inside if path.is_dir()), None)
    if found is not None:
        return found
    if inside:
        raise InvalidInput({"folder": ["There is no such folder. Name a folder with config.json and the weights."]})
    raise InvalidInput({"folder": [_OUTSIDE.format(roots=", ".join(map(str, settings.MODEL_ROOTS)))]})


def folders_offered() -> list[str]:
    """Folders inside MODEL_ROOTS with a config.json, at most two levels deep."""
    found = (str(path.parent) for root in settings.MODEL_ROOTS for path in _configurations(root))
    return sorted(islice(found, MOST_OFFERED))


def _real_paths(text: str, roots: list[Path]) -> Iterator[Path]:
    for root in roots:
        try:
            yield (root / text).resolve()
        except (OSError, ValueError, RuntimeError):  # too long, a null byte, or a link to itself
            continue


def _configurations(root: Path) -> Iterator[Path]:
    for pattern in (CONFIG, f"*/{CONFIG}", f"*/*/{CONFIG}"):
        yield from root.glob(pattern)
