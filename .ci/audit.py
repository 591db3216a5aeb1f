"""Audits the pinned libraries for known vulnerabilities: `python .ci/audit.py [arguments of pip-audit]`.

Exit code 1: pip-audit found a vulnerability, or failed. 0: it found none, or no advisory service answered, which is
printed; with AUDIT_REQUIRED=1 that fails too. The exit code of pip-audit does not distinguish these cases: it is 1 for
both a finding and a lost connection, and 0 if the index answers 404 for every package.
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
UNREACHABLE = ("requests.exceptions.", "Could not connect", "ServiceError", "is not redirecting properly")
"""Signs in the output of pip-audit 2 that the service did not answer; any other run without a report failed."""


def main(arguments: list[str]) -> int:
    chosen = arguments if "-r" in arguments else ["-r", str(REQUIREMENTS), *arguments]
    command = [os.environ.get("PIP_AUDIT", str(TOOL)), "--disable-pip", "--no-deps", "--progress-spinner", "off"]
    done = subprocess.run([*command, "--format", "json", *chosen], capture_output=True, text=True, check=False)
    report = _report_in(done.stdout)
    if report is None:
        return _without_report(done.stderr)
    skipped = [entry for entry in report if "skip_reason" in entry]
    if len(skipped) == len(report):
        return _not_audited("it does not know any of the packages")
    return _verdict(report, skipped)


def _report_in(text: str) -> list[dict[str, Any]] | None:
    try:
        return list(json.loads(text)["dependencies"])
    except (ValueError, KeyError, TypeError):
        return None


def _without_report(output: str) -> int:
    last = (output.strip().splitlines() or [""])[-1]
    if any(sign in output for sign in UNREACHABLE):
        return _not_audited(last)
    print(output, file=sys.stderr)
    print("pip-audit failed.", file=sys.stderr)
    return 1


def _not_audited(why: str) -> int:
    print(f"NOT AUDITED: no advisory service answered ({why}). Run `make audit` where one can be reached.")
    return int(os.environ.get("AUDIT_REQUIRED") == "1")


def _verdict(report: list[dict[str, Any]], skipped: list[dict[str, Any]]) -> int:
    found = [(entry, vulnerability) for entry in report for vulnerability in entry.get("vulns", [])]
    for entry, vulnerability in found:
        fixed = ", ".join(vulnerability.get("fix_versions", [])) or "no version yet"
        print(f"{entry['name']} {entry['version']}: {vulnerability['id']}, fixed in {fixed}")
    for entry in skipped:
        print(f"not audited: {entry['name']}: {entry['skip_reason']}")
    print(f"{len(report) - len(skipped)} libraries audited, {len(found)} known vulnerabilities.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
