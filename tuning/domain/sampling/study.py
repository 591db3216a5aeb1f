"""An Optuna study that follows the ledger: live while a job runs, rebuilt from observations where it must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from tuning.domain.sampling.encoding import decode, draw, encode, optuna_distributions
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.unseen import MOST_TRIES, NothingToPropose
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    import optuna

CONSTRAINT = "infeasible"
SLOT = "slot"  # where a trial of Optuna's says which slot it is: its own numbers have gaps where draws were refused
REMEMBERED = ("cmaes:", "Nsga2Sampler:")  # attributes that are stored; TPE's say no more than the parameters do
DIRECTIONS: dict[str, Literal["maximize", "minimize"]] = {"max": "maximize", "min": "minimize"}
PLACEHOLDER = 0.0  # Optuna wants a value with a completed trial; of an infeasible one it is never compared


class LedgerStudy:
    """One study over `space`; each of `modes`, one for an objective, is max or min.

    The order of its trials is the order of their slots, however they were told: proposals depend on nothing but
    what is known. Whatever a live study cannot express (a finished trial that runs again, a slot told late) marks
    it stale, and the next proposal starts from a rebuilt one.
    """

    def __init__(self, space: SearchSpace, modes: Sequence[str]) -> None:
        self.observations: dict[int, Observation] = {}
        self._space, self._modes = space, tuple(modes)
        self._asked: dict[int, optuna.Trial] = {}
        self._study: optuna.Study | None = None

    def propose(
        self,
        number: int,
        sampler: optuna.samplers.BaseSampler,
        may_be: Callable[[dict[str, Scalar]], bool] = lambda params: True,
        tries: int = MOST_TRIES,
    ) -> Proposal:
        """Parameters for slot `number` by `sampler`, which is known as running from now on.

        What `may_be` refuses is drawn again, `tries` times in all. Optuna is told that such a draw failed, and what the
        sampler noted with it counts; the next proposal starts from a rebuilt study, which knows no such draw. Raises
        NothingToPropose.
        """
        from optuna.trial import TrialState

        study = self._live()
        study.sampler = sampler
        state: dict[str, Any] = {}
        for refused in range(tries):
            trial, params = self._drawn(study)
            trial.set_user_attr(SLOT, number)
            state |= _noted(study, trial)
            if may_be(params):
                return self._give(number, trial, Proposal(params, state or None), is_first=refused == 0)
            study.tell(trial, state=TrialState.FAIL)
        raise NothingToPropose(f"none of {tries:,} draws may be proposed")

    def _drawn(self, study: optuna.Study) -> tuple[optuna.Trial, dict[str, Scalar]]:
        if self._space.is_conditional:
            trial = study.ask()
            return trial, draw(self._space, trial)
        trial = study.ask(optuna_distributions(self._space))
        return trial, decode(self._space, trial.params)

    def _give(self, number: int, trial: optuna.Trial, proposal: Proposal, *, is_first: bool) -> Proposal:
        is_latest = number > max(self.observations, default=-1)
        self.observations[number] = Observation(number, proposal.params, state=proposal.state)
        self._asked[number] = trial
        if not (is_latest and is_first) or encode(self._space, proposal.params) != trial.params:
            self._study = None
        return proposal

    def tell(self, observation: Observation) -> None:
        """What is known of a slot now. Parameters from outside the space teach nothing and are left out.

        A slot keeps the state it was proposed with when told without one. Raises ValueError for a completed trial
        without a value for each objective.
        """
        if observation.outcome == "completed" and len(observation.all_values) != len(self._modes):
            raise ValueError(f"{len(observation.all_values)} values for {len(self._modes)} objectives")
        number, known = observation.number, self.observations.get(observation.number)
        if known is not None and observation.state is None and known.params == observation.params:
            observation = replace(observation, state=known.state)
        if known == observation or not self._space.contains(observation.params):
            return
        self.observations[number] = observation
        trial = self._asked.pop(number, None)
        ends = observation.outcome != "running" and known is not None and known.params == observation.params
        if self._study is None or trial is None or not ends:
            self._study = None
        else:
            _finish(self._study, trial, _fate(observation, len(self._modes)))

    def _live(self) -> optuna.Study:
        if self._study is None:
            self._study = self._rebuilt()
        return self._study

    def _rebuilt(self) -> optuna.Study:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(directions=[DIRECTIONS[mode] for mode in self._modes])
        for number in sorted(self.observations):
            observation = self.observations[number]
            study.add_trial(
                optuna.trial.create_trial(
                    params=encode(self._space, observation.params),
                    distributions=optuna_distributions(self._space, observation.params),
                    user_attrs={SLOT: number},
                    system_attrs=dict(observation.state or {}),
                    **_fate(observation, len(self._modes)),
                )
            )
        self._asked.clear()
        return study


def _noted(study: optuna.Study, trial: optuna.Trial) -> dict[str, Any]:
    """What the sampler has noted with a trial and must be told again."""
    attributes = study.get_trials(deepcopy=False)[trial.number].system_attrs
    return {name: value for name, value in attributes.items() if name.startswith(REMEMBERED)}


def _fate(observation: Observation, objectives: int) -> dict[str, Any]:
    """The fields of a frozen trial that say how it stands. Of several objectives Optuna takes no values on the way."""
    from optuna.trial import TrialState

    match observation.outcome:
        case "completed":
            return {"state": TrialState.COMPLETE, "values": observation.all_values}
        case "infeasible":
            nothing = [PLACEHOLDER] * objectives
            return {"state": TrialState.COMPLETE, "values": nothing, "constraints": {CONSTRAINT: 1.0}}
        case "pruned":
            reached = {} if observation.value is None or objectives > 1 else {observation.step: observation.value}
            return {"state": TrialState.PRUNED, "intermediate_values": reached}
        case "failed":
            return {"state": TrialState.FAIL}
    return {"state": TrialState.RUNNING}


def _finish(study: optuna.Study, trial: optuna.Trial, fate: dict[str, Any]) -> None:
    """Tell a live study what a rebuilt one is told."""
    for name, violation in fate.get("constraints", {}).items():
        trial.set_constraint(name, violation)
    for step, value in fate.get("intermediate_values", {}).items():
        trial.report(value, step)
    study.tell(trial, fate.get("values"), fate["state"])
