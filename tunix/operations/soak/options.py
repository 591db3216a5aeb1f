"""The options of a soak. They are passed as a file to the process inside the installation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .installation import Installation

FILE = "soak.json"


@dataclass(frozen=True)
class SoakOptions:
    """`seconds` of faults, then at most `settle_seconds` until all jobs have ended; `jobs` live ones at any time."""

    seconds: float
    seed: int
    jobs: int = 3
    settle_seconds: float = 180
    train: bool = False
    redis: bool = True
    postgres: bool = False
    database_url: str = ""
    without: tuple[str, ...] = ()
    """Kinds of faults that are left out."""

    @classmethod
    def read(cls, folder: Path) -> SoakOptions:
        return cls(**json.loads((folder / FILE).read_text()))

    def write(self, folder: Path) -> None:
        """Write the file for its owner only: the database's URL may contain a password."""
        path = folder / FILE
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))

    def installation(self, folder: Path) -> Installation:
        return Installation(folder, redis=self.redis, postgres=self.postgres, database_url=self.database_url)
