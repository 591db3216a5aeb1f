"""The columns of the trials table: the page, the API, the exports and the terminal take name and value from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal
from uuid import UUID

from django.db.models import Case, DurationField, F, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce, Now

from ..choices import TrialStatus
from ..models import TuningJob, TuningTrial


class Place(Enum):
    """Where trials are listed."""

    PAGE = auto()
    API = auto()
    EXPORT = auto()
    TERMINAL = auto()


EVERYWHERE = frozenset(Place)
DATA = frozenset({Place.API, Place.EXPORT})
Display = Literal["text", "number", "score", "duration", "time", "trial", "status", "run"]
"""How the page and the terminal write a value."""


@dataclass(frozen=True)
class TrialColumn:
    """A column. Trials are read by `for_tables()`.

    `source` is the dotted path of the value from a trial, through attributes and JSON objects. `type` is needed where
    that is not a field of the model: the field of the API is made from it. A `sortable` one is sorted by the database.
    """

    name: str
    label: str
    source: str = ""
    places: frozenset[Place] = EVERYWHERE
    display: Display = "number"
    type: type | None = None
    help: str = ""
    sortable: bool = False
    order: Combinable | None = None
    """What the database sorts by where that is not the value at `source`."""
    wide: bool = False
    """Hidden on narrow screens."""
    api_name: str = ""
    """Where the API calls it by another name than the exports."""

    @property
    def path(self) -> str:
        return self.source or self.name

    @property
    def name_in_api(self) -> str:
        return self.api_name or self.name

    @property
    def sort_key(self) -> str:
        """What `?ordering=` calls it, on the page as over the API; empty where trials cannot be sorted by it."""
        return self.name_in_api if self.sortable else ""

    @property
    def css(self) -> str:
        """The classes of its cells on the page."""
        align = {
            "number": "num",
            "score": "num",
            "duration": "num",
            "trial": "num",
            "time": "nowrap",
            "status": "nowrap",
        }
        return " ".join(filter(None, [align.get(self.display, ""), "wide-only" if self.wide else ""]))

    def value(self, trial: TuningTrial) -> Any:
        """The value of a trial; None where a step of the path leads nowhere."""
        found: Any = trial
        for step in self.path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else getattr(found, step, None)
        return found

    def expression(self) -> Combinable:
        """What the database sorts by."""
        if self.order is not None:
            return self.order
        column, _, key = self.path.partition(".")
        return KeyTransform(key, column) if key else F(column)


DURATION = Case(
    When(status=TrialStatus.PENDING, then=None),
    default=Coalesce(F("finished_at"), Now()) - F("started_at"),
    output_field=DurationField(),
)
"""`TuningTrial.duration_seconds` for the database."""

TRIAL_COLUMNS = (
    TrialColumn("number", "Trial", display="trial", sortable=True),
    TrialColumn("kind", "Kind", places=DATA, display="text"),
    TrialColumn("label", "Kind", places=frozenset({Place.PAGE}), display="text"),
    TrialColumn("origin", "Origin", places=DATA, display="text"),
    TrialColumn("slot", "Slot", places=frozenset({Place.EXPORT})),
    TrialColumn("replicate", "Replicate", places=DATA),
    TrialColumn("round", "Round", places=DATA),
    TrialColumn(
        "source_number", "Source", "source.number", places=DATA, type=int, help="the trial that it trains again"
    ),
    TrialColumn("status", "Status", places=DATA | {Place.PAGE}, display="status", sortable=True),
    TrialColumn("metric_value", "Value", display="score", sortable=True),
    TrialColumn("judged_rows", "Judged rows", places=DATA),
    TrialColumn("reason", "Reason", places=DATA, display="text"),
    TrialColumn("error", "Error", places=frozenset({Place.EXPORT}), display="text"),
    TrialColumn("excluded_reason", "Excluded because", places=DATA, display="text"),
    TrialColumn("excluded_at", "Excluded", places=frozenset({Place.API}), display="time"),
    TrialColumn("steps", "Steps", places=frozenset({Place.API})),
    TrialColumn("trained_steps", "Trained steps", places=frozenset({Place.API})),
    TrialColumn(
        "duration_seconds",
        "Duration",
        places=EVERYWHERE - {Place.EXPORT},
        display="duration",
        type=float,
        sortable=True,
        order=DURATION,
        wide=True,
    ),
    TrialColumn(
        "attempts",
        "Attempts",
        "attempt_count",
        places=DATA | {Place.PAGE},
        type=int,
        sortable=True,
        wide=True,
        api_name="attempt_count",
    ),
    TrialColumn("run_id", "Run", places=DATA | {Place.PAGE}, display="run", type=UUID),
    TrialColumn("started_at", "Started", places=DATA | {Place.PAGE}, display="time", sortable=True, wide=True),
    TrialColumn("finished_at", "Finished", places=DATA, display="time", sortable=True),
    TrialColumn("seconds", "Seconds", "seconds_to_end", places=frozenset({Place.EXPORT}), display="duration"),
)
"""In their order. A new one is shown in every place unless `places` says otherwise."""

ORDERINGS = {column.sort_key: column.expression() for column in TRIAL_COLUMNS if column.sortable}
"""By what the trials of every job can be sorted: the name, and what the database sorts by."""


def columns_in(place: Place) -> list[TrialColumn]:
    """Those that the trials of every job have."""
    return [column for column in TRIAL_COLUMNS if place in column.places]


def columns_of(job: TuningJob, place: Place) -> list[TrialColumn]:
    """Those of a page or terminal: the metric under its name, followed by further objectives and parameters."""
    columns = columns_in(place)
    after = next(index for index, column in enumerate(columns, 1) if column.name == "metric_value")
    metric = TrialColumn("metric_value", job.metric_name, display="score", sortable=True)
    return [*columns[: after - 1], metric, *_further(job), *_params(job), *columns[after:]]


def orderings_of(job: TuningJob) -> dict[str, Combinable]:
    """Those of a job: also by its further objectives and parameters."""
    return ORDERINGS | {column.sort_key: column.expression() for column in (*_further(job), *_params(job))}


def _further(job: TuningJob) -> list[TrialColumn]:
    metrics = [objective.metric for objective in job.further_objectives]
    return [TrialColumn(f"values.{name}", name, f"values_json.{name}", sortable=True) for name in metrics]


def _params(job: TuningJob) -> list[TrialColumn]:
    names = list(job.search_space_json)
    return [TrialColumn(f"params.{name}", name, f"params_json.{name}", sortable=True) for name in names]
