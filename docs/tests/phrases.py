"""Phrases that must not come back: quaint wording, literal translations, and names that have been replaced.

Each has an example that the pattern must find. Add only phrases that are wrong in every context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """A regular expression, in which a space matches any white space; what to write instead; a text it must match."""

    pattern: str
    instead: str
    example: str

    @property
    def expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern.replace(" ", r"\s+"), re.IGNORECASE)


PHRASES = (
    # Names
    Phrase(r"\bdata sets?\b", "dataset", "a data\nset"),
    Phrase(r"\bbarred\b", "disqualified", "a trial that is barred"),
    Phrase(r"\bset(?:s|ting)? aside\b", "quarantined", "its worker was set aside"),
    Phrase(r"\b(?:hand(?:s|ed)?|puts?) back\b", "release, requeue or restore", "the job is handed back"),
    Phrase(r"\bcapsules?\b", "environment snapshot", "the capsule of a run"),
    Phrase(r"\bworkbench(?:es)?\b", "warm cache", "the workbench of a worker"),
    Phrase(r"\bcauses? of death\b", "failure reason", "Cause of death"),
    Phrase(r"\bgiven configurations?\b", "enqueued configurations", "the given configurations"),
    Phrase(r"\bworries\b", "warnings", "its worries"),
    Phrase(r"\bbrought along\b", "recorded with the run", "packages that are brought along"),
    Phrase(r"\bst(?:and|ands|ood) twice\b", "appears twice", "the key stands twice"),
    # Labels
    Phrase(r"(?-i:\bGo on\b)", "Unpause", "press *Go on*"),
    Phrase(r"(?-i:\bAt the same time\b)(?!,| [a-z])", "Parallel trials", "label *At the same time*"),
    Phrase(r"(?-i:\bIts options\b)", "Sampler options", "label *Its options*"),
    Phrase(r"\b(?:rows|tokens) at most\b", "Max rows, Max tokens", "Rows at most"),
    Phrase(r"\b(?:seconds|threads) an? (?:trial|run|job)\b", "per", "Seconds a trial"),
    Phrase(r"\bis like that\b", "No matching jobs", "No job is like that"),
    Phrase(r"\bthese parameters again, changed\b", "Edit and retry", "Try these parameters again, changed"),
    Phrase(r"\bchange of mind\b", "changing a job", "Change of mind"),
    # Sentences
    Phrase(r"(?<!there\s)\bis no [a-z]+ of\b", "is not a", "this is no reading of it"),
    Phrase(r"\bof ours\b", "our", "a search space of ours"),
    Phrase(r"\bheld against\b", "compared with, checked against", "runs are held against it"),
    Phrase(r"\bcounts? for nothing\b", "no longer counts, does not count", "it counts for nothing any more"),
    Phrase(r"\bstands? against\b", "Ready to start", "Nothing stands against the start"),
    Phrase(r"\bstands? (?:on|beside)\b", "is on, is next to, depends on", "it stands beside the name"),
    Phrase(r"\b(?:is|are|was|were) told\b", "is shown, is reported", "what is lost is told"),
    Phrase(r"\b(?:some|no)body\b", "someone, no one, or who it is", "when somebody presses it"),
    Phrase(r"\bone can trust\b", "you can trust", "A winner one can trust"),
    Phrase(r"\bgoes on to its end\b", "finishes", "what runs goes on to its end"),
    Phrase(r"\blet (?:it |them )?end\b", "finish", "trials that run are let end"),
    Phrase(r"\bteach(?:es)? nothing\b", "is not reported to the sampler", "what failed teaches nothing"),
    Phrase(r"\bthe machine's fault\b", "infrastructure failure", "failed by the machine's fault"),
    Phrase(r"\bfor want of\b", "for lack of", "for want of room"),
    Phrase(r"\banew\b", "again", "the best is settled anew"),
)
