"""An Optuna study that mirrors the ledger: kept alive while a job runs, rebuilt from observations if necessary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from tuning.domain.sampling.encoding import decode, encode, optuna_distributions, suggest
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.unseen import MAX_DRAWS, NothingToPropose
from tuning.domain.space.search_space import SearchSpace
from tunix.pipeline.spec import Scalar

if TYPE_CHECKING:
    import optuna

CONSTRAINT = "infeasible"
SLOT = "slot"  # attribute of an Optuna trial with its slot: Optuna's own numbers also count refused draws
STORED = ("cmaes:", "Nsga2Sampler:")  # prefixes of attributes to store; those of TPE only repeat the parameters
DIRECTIONS: dict[str, Literal["maximize", "minimize"]] = {"max": "maximize", "min": "minimize"}
PLACEHOLDER = 0.0  # Optuna requires a value of a completed trial; that of an infeasible one is never compared


class LedgerStudy:
    """One study over `space`. `modes` has max or min for each objective.

    Its trials are always in the order of their slots, so proposals depend only on what is known, not on the order in
    which it was reported. Changes that a live Optuna study cannot express (a finished trial that runs again, a slot
    reported late) discard it; the next proposal rebuilds it.
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
        is_allowed: Callable[[dict[str, Scalar]], bool] = lambda params: True,
        draws: int = MAX_DRAWS,
    ) -> Proposal:
        """Parameters for slot `number` by `sampler`; the slot counts as running from now on.

        A configuration that is not allowed is drawn again, at most `draws` times in total. Optuna records such a draw
        as failed, and the state that the sampler noted with it is kept. The next proposal starts from a rebuilt study
        without these draws. Raises NothingToPropose.
        """
        from optuna.trial import TrialState

        if self._study is None:
            self._study = self._rebuilt()
        study = self._study
        study.sampler = sampler
        state: dict[str, Any] = {}
        for refused in range(draws):
            trial, params = self._drawn(study)
            trial.set_user_attr(SLOT, number)
            # What the sampler noted with the trial, and needs in a rebuilt study.
            attributes = study.get_trials(deepcopy=False)[trial.number].system_attrs
            state |= {name: value for name, value in attributes.items() if name.startswith(STORED)}
            if is_allowed(params):
                return self._proposed(number, trial, Proposal(params, state or None), is_first=refused == 0)
            study.tell(trial, state=TrialState.FAIL)
        raise NothingToPropose(f"none of {draws:,} draws can be proposed")

    def _drawn(self, study: optuna.Study) -> tuple[optuna.Trial, dict[str, Scalar]]:
        if self._space.is_conditional:
            trial = study.ask()
            return trial, suggest(self._space, trial)
        trial = study.ask(optuna_distributions(self._space))
        return trial, decode(self._space, trial.params)

    def _proposed(self, number: int, trial: optuna.Trial, proposal: Proposal, *, is_first: bool) -> Proposal:
        is_latest = number > max(self.observations, default=-1)
        self.observations[number] = Observation(number, proposal.params, state=proposal.state)
        self._asked[number] = trial
        if not (is_latest and is_first) or encode(self._space, proposal.params) != trial.params:
            self._study = None
        return proposal

    def tell(self, observation: Observation) -> None:
        """Report the current state of a slot. Parameters outside the space are ignored.

        An observation without sampler state keeps the state that the slot was proposed with. Raises ValueError for a
        completed trial without a value for each objective.
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
            _finish(self._study, trial, _outcome_fields(observation, len(self._modes)))

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
                    **_outcome_fields(observation, len(self._modes)),
                )
            )
        self._asked.clear()
        return study


def _outcome_fields(observation: Observation, objectives: int) -> dict[str, Any]:
    """The fields of a frozen trial that hold its outcome. With several objectives Optuna has no intermediate values."""
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


def _finish(study: optuna.Study, trial: optuna.Trial, outcome: dict[str, Any]) -> None:
    """Report to a live study what `_rebuilt` would store."""
    for name, violation in outcome.get("constraints", {}).items():
        trial.set_constraint(name, violation)
    for step, value in outcome.get("intermediate_values", {}).items():
        trial.report(value, step)
    study.tell(trial, outcome.get("values"), outcome["state"])
