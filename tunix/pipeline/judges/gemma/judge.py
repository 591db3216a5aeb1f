"""The judge: known judgements come from the cache, a few threads request the others."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from tunix.pipeline.failures import JudgeFailed
from tunix.pipeline.judges.base import JudgeContext, JudgeItem, Judgement
from tunix.pipeline.judges.gemma import rubric
from tunix.pipeline.judges.gemma.answer import Answer, Refused, Unanswered
from tunix.pipeline.judges.gemma.cache import JudgementCache, key_of
from tunix.pipeline.judges.gemma.settings import JudgeMisconfigured, JudgeSettings, read_settings
from tunix.pipeline.judges.limits import refuse_too_many_failures

if TYPE_CHECKING:
    from tunix.pipeline.judges.gemma.client import Client

PROGRESS_SECONDS = 0.5
"""How often progress is reported, and so how soon a run is canceled, while answers are awaited."""


class Gemma:
    """Asks a language model how well a prediction agrees with the answer."""

    name = "gemma"
    help = "A language model compares the text with the answer by a rubric, 0 to 1; needs JUDGE_URL and JUDGE_MODEL."

    @property
    def version(self) -> str:
        return rubric.version_of(os.environ.get("JUDGE_MODEL", "").strip())

    def unavailable(self) -> str:
        try:
            read_settings()
        except JudgeMisconfigured as error:
            return str(error)
        return ""

    def judge(self, items: Sequence[JudgeItem]) -> list[Judgement]:
        return self.judge_in(JudgeContext(), items)

    def judge_in(self, context: JudgeContext, items: Sequence[JudgeItem]) -> list[Judgement]:
        try:
            settings = read_settings()
        except JudgeMisconfigured as error:
            raise JudgeFailed(f"The judge {self.name} cannot judge: {error}") from None
        return _Judging(self, settings, context, items).execute()


class _Judging:
    """The judging of some items. Equal items are requested once."""

    def __init__(
        self, judge: Gemma, settings: JudgeSettings, context: JudgeContext, items: Sequence[JudgeItem]
    ) -> None:
        self._name, self._settings, self._context, self._items = judge.name, settings, context, items
        self._cache = JudgementCache(context.cache_dir)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(items):
            self._places[key_of(judge.name, judge.version, item)].append(place)
        self._judgements: dict[int, Judgement] = {}
        limits = [limit for limit in (context.max_cost, settings.max_cost) if limit is not None]
        self._max_cost = min(limits, default=None)

    def execute(self) -> list[Judgement]:
        """One judgement for each item.

        1. Take known judgements from the cache. 2. Request the others in parallel, until too many have failed or the
        spending limit is reached.
        """
        unknown = [key for key, places in self._places.items() if not self._is_known(key, places)]
        if unknown:
            self._ask_for(unknown)
        return [self._judgements[place] for place in range(len(self._items))]

    def _is_known(self, key: str, places: list[int]) -> bool:
        answer = self._cache.get(key)
        if answer is not None:
            self._context.meter.add(cache_hits=len(places))
            self._note(places, Judgement(answer.score, answer.reason))
        return answer is not None

    def _ask_for(self, keys: list[str]) -> None:
        waiting = iter(keys)
        with self._asking() as (executor, client):
            asked: dict[Future[Answer], str] = {}
            while True:
                while len(asked) < self._settings.concurrency and (key := next(waiting, None)) is not None:
                    self._refuse_over_cost()
                    asked[executor.submit(self._ask, client, key)] = key
                if not asked:
                    return
                for future in wait(asked, timeout=PROGRESS_SECONDS, return_when=FIRST_COMPLETED).done:
                    self._settle(asked.pop(future), future)
                self._context.progress(len(self._judgements))

    def _ask(self, client: Client, key: str) -> Answer:
        """Runs on a thread. It writes to the cache itself, so a paid answer is kept even if the judging has ended."""
        answer = client.ask(rubric.messages_for(self._items[self._places[key][0]]))
        self._cache.put(key, answer)
        return answer

    @contextmanager
    def _asking(self) -> Iterator[tuple[ThreadPoolExecutor, Client]]:
        """Threads and a client. Whatever ends the judging sets `stop`, which ends the waits of all threads."""
        from tunix.pipeline.judges.gemma.client import Client  # only a process that judges needs an HTTP client

        stop = Event()
        client = Client(self._settings, self._context.meter, stop)
        executor = ThreadPoolExecutor(self._settings.concurrency, thread_name_prefix="judge")
        try:
            yield executor, client
        finally:
            stop.set()
            executor.shutdown(cancel_futures=True)
            client.close()

    def _settle(self, key: str, future: Future[Answer]) -> None:
        places = self._places[key]
        try:
            answer = future.result()
        except Refused as error:
            raise JudgeFailed(f"The judge {self._name} was refused: {error}") from None
        except Unanswered as error:
            self._note(places, Judgement(None, error=str(error)))
            planned = max(len(self._items), self._context.planned)
            refuse_too_many_failures(self._name, list(self._judgements.values()), planned)
            return
        self._context.meter.add(cache_hits=len(places) - 1)
        self._note(places, Judgement(answer.score, answer.reason))

    def _note(self, places: list[int], judgement: Judgement) -> None:
        self._judgements.update(dict.fromkeys(places, judgement))

    def _refuse_over_cost(self) -> None:
        cost = self._context.meter.cost
        if self._max_cost is not None and cost >= self._max_cost:
            raise JudgeFailed(
                f"The judge {self._name} has cost {cost:.6g}, and {self._max_cost:.6g} is the limit; "
                f"{len(self._judgements)} of {len(self._items)} items are judged, and stay in the cache. "
                "Raise max_judge_cost of the job, or JUDGE_MAX_COST."
            )
