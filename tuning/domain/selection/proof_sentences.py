"""The sentences of a proof: better, worse, as good as, not decided; and what else its reader must know."""

from __future__ import annotations

from dataclasses import dataclass

from .confirmation import Verdict
from .evidence import Account
from .outcome import VerdictOutcome
from .points import decimals_for, number, percent, points
from .stages import MARGIN, alpha_of

DEFAULT_IS_BEST = "The default configuration itself is the best known; the test rows were not touched."
ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@dataclass(frozen=True)
class About:
    """What a proof was about: the metric, the winner's number, which proof of the job it is, the margin of the job.

    `training` is set if trials are chosen by a metric of training: its name, and winner minus default in it.
    `advice`: how many more runs would show what; empty if unknown. `added`: more seeds were added after a verdict.
    """

    metric: str
    winner: int
    number: int = 1
    margin: float = MARGIN
    mode: str = "max"
    training: tuple[str, float] | None = None
    advice: str = ""
    added: bool = False


def sentences_of(verdict: Verdict, about: About) -> str:
    """The whole verdict: the outcome, the trial, which confirmation it is, and what limits it."""
    parts = [
        _outcome(verdict, about),
        f"Trial {about.winner}.",
        _which(about),
        *(_account(verdict.account) if verdict.account else ()),
        _training(verdict, about),
    ]
    return " ".join(filter(None, parts))


def _outcome(verdict: Verdict, about: About) -> str:
    compared = verdict.comparison
    where = f"on {compared.items:,} test rows"
    if verdict.outcome == VerdictOutcome.BETTER:
        values = (compared.difference, compared.low, compared.high)
        shown, low, high = (number(value, decimals_for(values), sign=True) for value in values)
        seeds = f"in {verdict.ahead} of {verdict.winner_seeds} seeds"
        return f"Better than the default: {about.metric} {shown} points (95%: {low} to {high}), {seeds}, {where}."
    if verdict.outcome == VerdictOutcome.WORSE:
        ends = sorted(map(abs, (compared.low, compared.high)))
        decimals = decimals_for(ends)
        low, high = (number(value, decimals) for value in ends)
        by = f"{number(abs(compared.difference), decimals)} points of {about.metric} (95%: {low} to {high})"
        return f"Worse than the default by {by}, {where}: keep the default."
    if verdict.outcome == VerdictOutcome.EQUIVALENT:
        within = points(max(abs(compared.low), abs(compared.high)))
        margin = f"the margin is {points(about.margin)}"
        return f"As good as the default: within {within} of {about.metric} (95%; {margin}), {where}."
    return _undecided(verdict, about, where)


def _undecided(verdict: Verdict, about: About, where: str) -> str:
    """Between how much worse and how much better. An interval above 0 is not enough where the level is below 5%."""
    compared = verdict.comparison
    low, high = compared.low, compared.high
    if about.mode == "min":
        low, high = -high, -low
    decimals = decimals_for((low, high))
    if low > 0:
        between = f"between {number(low, decimals)} and {number(high, decimals)} points better"
        lacks = f"; at the level of {percent(verdict.level)} that this test has, this is no proof"
    else:
        between = f"between {number(-low, decimals)} points worse and {number(high, decimals)} better"
        lacks = ""
    sentence = f"Not decided: {between} ({about.metric}, 95%), {where}{lacks}."
    if verdict.forecast is not None:
        chance = f"a probability of {percent(max(verdict.forecast, 0.01))}"
        sentence += f" It ended early: the seeds that were left would show an improvement with {chance}."
    return f"{sentence} {about.advice}".rstrip()


def _which(about: About) -> str:
    """Which confirmation it is: each further one must show more, so that all of them together err in at most 5%."""
    ordinal = ORDINALS[about.number - 1] if about.number <= len(ORDINALS) else f"{about.number}th"
    level = f"level {percent(alpha_of(about.number))} instead of {percent(alpha_of(1))}"
    if about.added:
        return f"Seeds added after a verdict: {level}."
    return "First confirmation of this job." if about.number == 1 else f"{ordinal} confirmation: {level}."


def _account(account: Account) -> list[str]:
    """Dead seeds, lost pairs and answers without a judgement: a reader must not have to find them."""
    said = []
    if account.winner_dead:
        said.append(f"{_of(account.winner_dead, account.seeds)} of the winner diverged: it is not stable.")
    if account.default_dead:
        said.append(f"{_of(account.default_dead, account.seeds)} of the default diverged.")
    if account.winner_dead or account.default_dead:
        said.append("A run that diverged counts with the worst score.")
    if account.lost:
        said.append(f"{account.lost} of {account.seeds} pairs of seeds were lost, and do not count.")
    if account.unjudged and account.low is not None and account.high is not None:
        decimals = decimals_for((account.low, account.high))
        low, high = (number(value, decimals, sign=True) for value in (account.low, account.high))
        answers = "1 answer" if account.unjudged == 1 else f"{account.unjudged:,} answers"
        said.append(
            f"{answers} could not be judged and count as wrong: judged, the difference could be {low} to {high} points."
        )
    return said


def _of(dead: int, runs: int) -> str:
    return f"{dead} of {runs} runs"


def _training(verdict: Verdict, about: About) -> str:
    """Both metrics, if trials are chosen by one of training and proved by the judge's score."""
    if about.training is None:
        return ""
    name, difference = about.training
    score = verdict.comparison.difference
    moved = "lower" if difference < 0 else "higher"
    scored = "lower" if score < 0 else "higher"
    return f"{name} {abs(difference):.2g} {moved}; {about.metric} {points(score)} {scored}."
