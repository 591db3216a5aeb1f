"""The import itself: reads every source once and writes a folder that only needs to be renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tunix.api.exceptions import Errors, InvalidInput
from tunix.pipeline.data.rows import MANIFEST_FORMAT, SPLITS, Row, version_of
from tunix.validation.errors import printable

from .advice import repeated_prompts, warnings_of
from .columns import choose_columns, missing_columns, refuse_unusable, why_missing
from .conversations import SEPARATOR
from .csv_records import WrongDelimiter, why_not_the_same
from .equal_answers import EqualAnswers
from .faults import Fault, RowFaults, TooManyFaults
from .groups import Groups
from .joined_groups import JoinedGroups
from .layouts import Layout, layout_of
from .options import ImportOptions
from .overlap import Overlap
from .records import read_source, sample_of
from .rows import PATTERN_SECONDS, PatternTooSlow, RowMaker
from .shape import Columns
from .sources import Meter, Source
from .splitting import SALT
from .writing import SplitFiles, write_manifest

Progress = Callable[[str, int], None]
"""Called with the name of a source and the number of bytes that were just read from it."""
MAX_NAME_LENGTH = 100
"""Of a column's name in the manifest."""
_EQUAL_PROMPTS = "Equal prompts stay in one split, so a split stays empty. If they are meant, set {} to 0."

_JOINED_GROUPS = (
    "{count:,} groups have prompts in common with others and stay in one split with them, so a split stays empty."
    " Remove the rows with these prompts, name no group_column, or set {fractions} to 0."
)


def prepare(
    folder: Path,
    sources: Mapping[str, Source],
    options: ImportOptions,
    about: Mapping[str, Any],
    on_progress: Progress = lambda source, count: None,
) -> dict[str, Any]:
    """Writes splits and manifest into `folder` and returns the manifest, which begins with `about`.

    1. Check the options, and choose the columns by the names in the files.
    2. Copy each source row by row into the file of its split; count overlaps and duplicates, and drop overlapping
       rows if `drop_overlap` is set.
    3. Refuse the import if any row is not valid, a requested split is empty, or splits overlap.
    4. Write the manifest.

    Raises InvalidInput; the caller must then discard the folder.
    """
    options.check(sources)
    ordered = {name: sources[name] for name in ("file", *SPLITS) if name in sources}
    layouts, columns = _layouts_and_columns(ordered, options)
    reading = _Reading(options, layouts, columns, options.fractions(sources), on_progress)
    with SplitFiles(folder) as files:
        for name, source in ordered.items():
            reading.read(name, source, files)
    reading.refuse_if_unusable(files)
    manifest = {**about, **reading.manifest(files)}
    write_manifest(folder, manifest)
    return manifest


def _layouts_and_columns(sources: Mapping[str, Source], options: ImportOptions) -> tuple[dict[str, Layout], Columns]:
    """How to read each source. The columns are chosen by the first one; every header must contain them."""
    errors: Errors = {}
    layouts: dict[str, Layout] = {}
    chosen: Columns | None = None
    for name, source in sources.items():
        try:
            layout = layouts[name] = layout_of(source, options.format, options.delimiter)
            sample = sample_of(source, layout)
            chosen = chosen or choose_columns(options, sample, layout)
            refuse_unusable(chosen, sample)
        except WrongDelimiter as fault:
            if chosen is None:
                errors["delimiter"] = [printable(str(fault))]
            else:
                errors[name] = [why_not_the_same(fault.delimiter, fault.other)]
            continue
        except Fault as fault:
            errors[name] = [printable(str(fault))]
            continue
        missing = missing_columns(chosen, options, sample.columns) if layout.form.has_header else []
        if missing:
            errors[name] = [printable(why_missing(missing, sample.columns, layout.delimiter))]
    if errors or chosen is None:
        raise InvalidInput(errors)
    return layouts, chosen


class _Reading:
    """The state while sources are read."""

    def __init__(
        self,
        options: ImportOptions,
        layouts: Mapping[str, Layout],
        columns: Columns,
        fractions: Mapping[str, float],
        on_progress: Progress,
    ) -> None:
        self.options = options
        self.layouts = layouts
        self.columns = columns
        self.fractions = fractions
        self.on_progress = on_progress
        self.make_row = RowMaker(columns, options.compiled_pattern())
        self.faults = RowFaults()
        self.overlap = Overlap()
        self.equal_answers = EqualAnswers()
        self.groups = Groups(columns.group)
        self.joined = JoinedGroups(fractions)
        self.files: dict[str, dict[str, Any]] = {}

    def read(self, name: str, source: Source, files: SplitFiles) -> None:
        """Adds the rows of one source to its split, or to several splits by hash."""
        if self.columns.group and self._is_split(name) and any(self.fractions.values()):
            self.joined = JoinedGroups(self.fractions, self._rows_ahead(name, source))
        meter = Meter(partial(self.on_progress, name))
        rows = 0
        with suppress(TooManyFaults):
            for line, row in self._rows(name, source, meter):
                rows += 1
                self._add(row, name, line, files)
        described = {"name": source.name, "bytes": source.size, "sha256": meter.sha256, "rows": rows}
        self.files[name] = described

    def _add(self, row: Row, name: str, line: str, files: SplitFiles) -> None:
        split = self.joined.split_of(row) if self._is_split(name) else name
        if self.options.drop_overlap and self.overlap.drops(row, split):
            return
        self.overlap.add(row, split, name, line)
        self.equal_answers.add(row.answer)
        self.groups.add(row, split)
        files.write(split, row)

    def _is_split(self, name: str) -> bool:
        return name in ("file", "train")

    def _rows_ahead(self, name: str, source: Source) -> Iterator[Row]:
        """The valid rows of a source, which is read again afterwards: errors are found then."""
        make_row = RowMaker(self.columns, self.options.compiled_pattern())
        meter = Meter(lambda count: None)
        for _, record in read_source(source, self.layouts[name], self.columns.used(), meter, lambda place, text: None):
            try:
                row = make_row(record)
            except Fault:
                continue
            except PatternTooSlow:
                return
            yield row

    def _rows(self, name: str, source: Source, meter: Meter) -> Iterator[tuple[str, Row]]:
        on_fault = partial(self.faults.add, name)
        for line, record in read_source(source, self.layouts[name], self.columns.used(), meter, on_fault):
            try:
                yield line, self.make_row(record)
            except Fault as fault:
                on_fault(line, str(fault))
            except PatternTooSlow:
                too_slow = (
                    f"The pattern takes more than {PATTERN_SECONDS:g} s on {name}.{line}: it backtracks too much."
                    " Avoid a repeat inside a repeat, such as (a+)+."
                )
                raise InvalidInput({"answer_pattern": [too_slow]}) from None

    def refuse_if_unusable(self, files: SplitFiles) -> None:
        """Raises InvalidInput with the most basic kind of error that was found."""
        if self.faults:
            raise InvalidInput(self.faults.errors())
        empty = {name: ["The file has no rows."] for name, file in self.files.items() if not file["rows"]}
        if empty:
            raise InvalidInput(empty)
        self._refuse_empty_shares(files)
        self._refuse_splits_that_were_dropped(files)
        if self.overlap.prompts and not self.options.allow_overlap:
            raise InvalidInput(self.overlap.errors())

    def _refuse_empty_shares(self, files: SplitFiles) -> None:
        total = sum(files.rows.values())
        errors: Errors = {}
        for split, fraction in self.fractions.items():
            if fraction and not files.rows.get(split):
                errors[f"{split}_fraction"] = [
                    f"None of the {total} rows falls into {split} at {fraction:g}. Use a larger fraction,"
                    f" a {split} file, or 0 for no {split} split."
                ]
        if errors and (repeated := list(repeated_prompts(self.overlap, total))):
            errors = {"prompt_column": [f"{repeated[0]} {_EQUAL_PROMPTS.format(' and '.join(errors))}"]}
        elif errors and (joined := self.joined.joined):
            errors = {"group_column": [_JOINED_GROUPS.format(count=joined, fractions=" and ".join(errors))]}
        if not errors and not files.rows.get("train"):
            errors[next(iter(self.files))] = ["No rows are left for training. Use smaller fractions."]
        if errors:
            raise InvalidInput(errors)

    def _refuse_splits_that_were_dropped(self, files: SplitFiles) -> None:
        """A user would not expect a split to be missing because all of its rows were dropped."""
        gone = [split for split, count in self.overlap.dropped.items() if count and not files.rows.get(split)]
        if gone:
            text = f"Every row of {' and '.join(gone)} has a prompt that is also in another split. None would be left."
            raise InvalidInput({"drop_overlap": [text]})

    def manifest(self, files: SplitFiles) -> dict[str, Any]:
        """The part of the manifest that depends on the rows; it contains no times, so that imports are reproducible."""
        hashes, joined, counts = files.sha256(), self.make_row.joined, self.make_row.counts
        by_hash = {"salt": SALT, **self.fractions} if any(self.fractions.values()) else None
        return {
            "schema": counts.schema,
            "format": MANIFEST_FORMAT,
            "sha256": version_of(hashes),
            "splits": {
                split: {"rows": files.rows[split], "sha256": hashes[split]} for split in SPLITS if split in hashes
            },
            "columns": {"prompt": self.columns.prompt, "answer": self.columns.answer},
            "mapping": counts.report(),
            "joined": {"separator": SEPARATOR, "rows": dict(joined)} if joined else None,
            "unused_columns": [printable(name, MAX_NAME_LENGTH) for name in self.make_row.unused],
            "answer_pattern": self.options.answer_pattern or None,
            "split_by_hash": by_hash,
            "files": self.files,
            "distinct_prompts": self.overlap.distinct_prompts,
            "distinct_answers": self.overlap.distinct_answers,
            "duplicates": {split: count for split, count in self.overlap.duplicates.items() if count},
            "contradictions": self.overlap.contradiction_report(),
            "overlap": self.overlap.report(),
            "equal_answers": self.equal_answers.report(),
            "groups": self.groups.report(self.joined.joined),
            "warnings": [
                *warnings_of(self.overlap, sum(files.rows.values()), self.make_row.unused, self.columns),
                *self.equal_answers.warnings(),
                *counts.warnings(),
                *self.groups.warnings(sum(files.rows.values()), self.joined.joined),
            ],
        }
