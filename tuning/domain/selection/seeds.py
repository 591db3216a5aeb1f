"""The seeds that a job trains with: one function derives all of them."""

from __future__ import annotations

import hashlib

SEARCH, RANKING, PROOF = "search", "ranking", "proof"
"""What seeds are for. The first ranking shares its seeds with the controls, so that both can be compared seed by seed.
"""


def seed_of(salt: str, role: str, index: int) -> int:
    """The training seed number `index` of a role within a job: 31 bits of a hash, the same after every restart.

    `salt` is the job's id, so a cloned job replicates with seeds of its own. Seeds of different roles, such as ranking
    and proof, differ. What must be compared seed by seed asks with the same role and index.
    """
    digest = hashlib.sha256(f"{salt}/{role}/{index}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def shared_salt(project: str, dataset_key: str, version: str) -> str:
    """A salt that all jobs of a project on the same rows have in common, for runs that they share."""
    return f"shared/{project}/{dataset_key}/{version}"


def role_of(purpose: str, number: int) -> str:
    """The role of the seeds of a confirmation, or of a slot of the search: each has its own."""
    return f"{purpose}/{number}"
