"""Known weaknesses of the pinned libraries: `python .ci/audit.py [arguments of pip-audit]`.

Exit code 1: pip-audit found something, or failed at its own work. 0: nothing found, or no advisory service answered,
which is said aloud; with AUDIT_REQUIRED=1 that is a failure too. pip-audit's own exit code tells none of these apart:
it is 1 for a finding as for a lost connection, and 0 where the index answers 404 for every package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TOOL = Path(sys.executable).with_name("pip-audit")
REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"
AWAY = ("requests.exceptions.", "Could not connect", "ServiceError", "is not redirecting properly")
"""How pip-audit 2 says that the service did not answer; everything else without a report is its failure."""


def main(arguments: list[str]) -> int:
    chosen = arguments if "-r" in arguments else ["-r", str(REQUIREMENTS), *arguments]
    command = [os.environ.get("PIP_AUDIT", str(TOOL)), "--disable-pip", "--no-deps", "--progress-spinner", "off"]
    done = subprocess.run([*command, "--format", "json", *chosen], capture_output=True, text=True, check=False)
    report = _report_in(done.stdout)
    if report is None:
        return _without_report(done.stderr)
    skipped = [entry for entry in report if "skip_reason" in entry]
    if len(skipped) == len(report):
        return _not_audited("it knows none of the packages")
    return _verdict(report, skipped)


def _report_in(text: str) -> list[dict[str, Any]] | None:
    try:
        return list(json.loads(text)["dependencies"])
    except (ValueError, KeyError, TypeError):
        return None


def _without_report(words: str) -> int:
    last = (words.strip().splitlines() or [""])[-1]
    if any(sign in words for sign in AWAY):
        return _not_audited(last)
    print(words, file=sys.stderr)
    print("pip-audit failed.", file=sys.stderr)
    return 1


def _not_audited(why: str) -> int:
    print(f"NOT AUDITED: no advisory service answered ({why}). Run `make audit` where one can be reached.")
    return int(os.environ.get("AUDIT_REQUIRED") == "1")


def _verdict(report: list[dict[str, Any]], skipped: list[dict[str, Any]]) -> int:
    found = [(entry, weakness) for entry in report for weakness in entry.get("vulns", [])]
    for entry, weakness in found:
        fixed = ", ".join(weakness.get("fix_versions", [])) or "no version yet"
        print(f"{entry['name']} {entry['version']}: {weakness['id']}, fixed in {fixed}")
    for entry in skipped:
        print(f"not audited: {entry['name']}: {entry['skip_reason']}")
    print(f"{len(report) - len(skipped)} libraries audited, {len(found)} known weaknesses.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
