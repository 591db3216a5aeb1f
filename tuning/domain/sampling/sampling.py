"""Proposes the parameters of each slot of a job. The proposals depend only on space, algorithm, seed and the ledger.

A sampler that is rebuilt after a crash therefore proposes the same as one that has lived since the job started.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

from tuning.domain.sampling.algorithm import Algorithm, unsuited
from tuning.domain.sampling.observation import Observation
from tuning.domain.sampling.proposal import Proposal
from tuning.domain.sampling.samplers import optuna_sampler
from tuning.domain.sampling.sobol import propose_point
from tuning.domain.sampling.study import LedgerStudy
from tuning.domain.sampling.unseen import GridExhausted, NothingToPropose, Unseen
from tuning.domain.space.params_hash import params_hash
from tuning.domain.space.search_space import InvalidSearchSpace, SearchSpace
from tunix.pipeline.spec import Scalar

__all__ = ["GridExhausted", "NothingToPropose", "Observation", "Proposal", "Sampler", "params_hash"]


class Sampler:
    """Proposes parameters slot by slot. Optuna is loaded with the first proposal.

    `metric_mode` is max or min, `further_modes` are the modes of further objectives. `history` holds the observations
    so far; those numbered below 0 are trials of other jobs, whose parameters may be proposed again. Raises
    InvalidSearchSpace if the algorithm cannot search the space, such as a grid with a continuous parameter.
    """

    def __init__(
        self,
        *,
        space: SearchSpace,
        algorithm: Algorithm,
        seed: int,
        metric_mode: str,
        further_modes: Sequence[str] = (),
        history: Iterable[Observation] = (),
    ) -> None:
        if errors := unsuited(space, algorithm):
            raise InvalidSearchSpace(errors)
        self._space, self._algorithm, self._seed = space, algorithm, seed
        self._study = LedgerStudy(space, (metric_mode, *further_modes))
        self._unseen = Unseen(space)
        for observation in history:
            self.tell(observation)

    def ask(self, slot: int) -> dict[str, Scalar]:
        """The parameters of `propose`, without the state."""
        return dict(self.propose(slot).params)

    def propose(self, slot: int) -> Proposal:
        """Parameters for slot number `slot`, from 0, and the state to store with them.

        No two slots get the same parameters, and a slot always gets the same ones. Raises NothingToPropose if no new
        configuration is left.
        """
        known = self._study.observations.get(slot)
        if known is not None:
            return Proposal(dict(known.params), known.state)
        self._unseen.refuse_if_exhausted()
        proposal = self._proposed(slot)
        self._unseen.note(proposal.params)
        return proposal

    def _proposed(self, slot: int) -> Proposal:
        name = self._algorithm.name
        if name == "grid":
            return self._noted(slot, Proposal(self._unseen.next_in_order()))
        seed, is_allowed = slot_seed(self._seed, slot), self._unseen.is_allowed
        can_learn = name not in ("gp", "tpe") or self._can_tell_good_from_bad()
        try:
            # A Gaussian process starts with points of a Sobol sequence, TPE at random.
            if name == "sobol" or (name == "gp" and not can_learn):
                known = self._study.observations.values()
                return self._noted(slot, propose_point(self._space, self._seed, slot, known, is_allowed))
            sampler = optuna_sampler(self._algorithm if can_learn else Algorithm("random"), self._space, seed)
            return self._study.propose(slot, sampler, is_allowed, self._unseen.draws)
        except NothingToPropose:
            return self._noted(slot, Proposal(self._unseen.any_of_the_rest(seed)))

    def _noted(self, slot: int, proposal: Proposal) -> Proposal:
        """Report to the study a proposal that it did not make."""
        self._study.tell(Observation(slot, proposal.params, state=proposal.state))
        return proposal

    def tell(self, observation: Observation) -> None:
        """Report the current state of a trial, which may be one that this sampler did not propose."""
        if observation.number >= 0:
            self._unseen.note(observation.params)
        self._study.tell(observation)

    def _can_tell_good_from_bad(self) -> bool:
        """Whether enough trials have ended for a model-based sampler.

        TPE calls the best tenth (at most 25) of the ended trials good. With too few feasible trials, Optuna would fill
        that tenth with infeasible ones and search where runs diverge.
        """
        outcomes = [observation.outcome for observation in self._study.observations.values()]
        feasible = outcomes.count("completed") + outcomes.count("pruned")
        ended = feasible + outcomes.count("infeasible")
        return ended >= self._algorithm.options["n_startup_trials"] and feasible >= min(math.ceil(0.1 * ended), 25)


def slot_seed(seed: int, slot: int) -> int:
    """The 32-bit seed of one slot. With the seed of the job, a fresh sampler would propose the same in every slot."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{slot}".encode()).digest()[:4], "big")
