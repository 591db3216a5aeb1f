"""Rules about datasets: their rows never change, and their files are those of their version."""

from __future__ import annotations

from collections.abc import Iterator

from tunix.datasets.models import Dataset
from tunix.pipeline.data.rows import SPLITS, DatasetError, verify

from .finding import Found, rule

OF_THE_ROWS = ("format", "schema", "sha256", "splits")
"""What the manifest says of the rows themselves. The rest describes the import, and later releases say more."""


@rule("G8", hint="Import the same files again under the same key, which restores the folder, or restore a backup.")
def datasets_are_as_they_were(dataset: Dataset) -> Iterator[Found]:
    """The files of a dataset have the hash that is its version, and its manifest is the one of the import."""
    try:
        manifest = verify(dataset.folder, dataset.version)
    except (DatasetError, OSError) as error:
        yield Found(f"dataset {dataset.key}: {error}")
        return
    stored = dataset.manifest_json
    other = [name for name in OF_THE_ROWS if stored and manifest.get(name) != stored.get(name)]
    if other:
        yield Found(f"dataset {dataset.key}: its manifest has another {', '.join(other)} than its row")
    counts = {f"{split}_rows": manifest["splits"].get(split, {}).get("rows", 0) for split in SPLITS}
    wrong = [name for name, count in counts.items() if getattr(dataset, name) != count]
    if wrong:
        yield Found(f"dataset {dataset.key}: its row has another {', '.join(wrong)} than its manifest")


DATASET_RULES = (datasets_are_as_they_were,)
