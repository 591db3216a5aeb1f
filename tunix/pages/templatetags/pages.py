"""Tags and filters for all pages. None of them marks text as safe, so templates escape stored text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from tunix.validation.sizes import bytes_in_words

from ..links import links_of
from ..slots import templates_of

register = template.Library()

NOTHING = "\N{EN DASH}"


@register.inclusion_tag("partials/_chip.html")
def chip(status: str, label: str = "", title: str = "") -> dict[str, str]:
    """A status with its colour, from the class `chip-<status>` in components.css."""
    return {"status": str(status), "label": label or str(status), "hint": title}


@register.inclusion_tag("partials/_bar.html")
def bar(total: int, done: int, completed: int, failed: int = 0, running: int = 0) -> dict[str, Any]:
    """A progress bar. `done` includes `completed` and `failed`; the rest of `done` was pruned or canceled."""
    share = 100 / total if total else 0.0
    return {
        "total": total,
        "done": done,
        "failed": failed,
        "running": running,
        "completed_width": f"{min(100.0, completed * share):.2f}",
        "canceled_width": f"{min(100.0, (done - completed - failed) * share):.2f}",
        "failed_width": f"{min(100.0, failed * share):.2f}",
        "running_width": f"{min(100.0, running * share):.2f}",
    }


@register.inclusion_tag("partials/_paginator.html", takes_context=True)
def paginator(context: template.Context, page: Any, noun: str = "row", plural: str = "") -> dict[str, Any]:
    """Links to the pages of a list that keep its filters. `noun` names one item, `plural` several."""
    return {
        "request": context["request"],
        "page": page,
        "noun": noun,
        "plural": plural or f"{noun}s",
        "numbers": page.paginator.get_elided_page_range(page.number),
        "ellipsis": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag("partials/_th.html", takes_context=True)
def th(context: template.Context, label: str = "", css: str = "", *, sort: str = "") -> dict[str, Any]:
    """The header cell of a column. With `sort` a click sorts by that name, and a second click reverses the order."""
    asked = str(context.get("ordering") or "")
    is_sorted = bool(sort) and asked.removeprefix("-") == sort
    is_ascending = is_sorted and not asked.startswith("-")
    direction = ("ascending" if is_ascending else "descending") if is_sorted else ""
    classes = [css, "sortable" if sort else "", f"sorted {direction}" if is_sorted else ""]
    return {
        "request": context["request"],
        "label": label,
        "css": " ".join(filter(None, classes)),
        "sort": sort,
        "direction": direction,
        "next": f"-{sort}" if is_ascending else sort,
    }


@register.inclusion_tag("partials/_links.html", takes_context=True)
def links(context: template.Context, place: str) -> dict[str, Any]:
    """The links that apps have registered for `place`, without those that the user may not follow."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    shown = [link for link in links_of(place) if link.is_shown_to(request.user)]
    return {"links": [(link, link.is_current(here)) for link in shown]}


@register.simple_tag(takes_context=True)
def slot(context: template.Context, name: str) -> SafeString:
    """What other apps show in this slot of the page; empty if none does."""
    engine = context.template.engine
    parts = [engine.get_template(path).render(context) for path in templates_of(name)]
    return format_html_join("", "{}", [(part,) for part in parts if part.strip()])


@register.inclusion_tag("partials/_when.html")
def when(instant: datetime) -> dict[str, Any]:
    """A time as `3 hours ago`, in its largest unit only so that it fits a column. The title is the exact time."""
    is_new = abs(timezone.now() - instant).total_seconds() < 60
    return {"instant": instant, "words": "just now" if is_new else f"{timesince(instant, depth=1)} ago"}


@register.filter
def moment(instant: datetime | None) -> str:
    """The exact time with its zone; None as a dash."""
    return date_format(timezone.localtime(instant), "DATETIME_FORMAT") if instant else NOTHING


@register.filter
def number(value: Any) -> str:
    """A readable value: floats with four significant digits, integers with thousands separators, None as a dash."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value)


@register.filter(name="bytes")
def in_bytes(count: float | None) -> str:
    """An amount of bytes, in the units of all other messages; None as a dash."""
    return NOTHING if count is None or count == "" else bytes_in_words(count)


@register.filter
def score(value: float | str | None) -> str:
    """A score with three decimals, or with three significant digits if it is very large or very small."""
    if value is None or value == "":  # templates pass "" for a missing key
        return NOTHING
    value = float(value)
    return f"{value:.3f}" if 1e-3 <= abs(value) < 100 or value == 0 else f"{value:.3g}"


@register.filter
def signed(difference: float) -> str:
    """A difference of scores with its sign and three decimals."""
    return f"{difference:+.3f}"


@register.filter
def probability(p: float) -> str:
    """A p value with three decimals; smaller values are shown as `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


@register.filter
def duration(seconds: float | None) -> str:
    """`4.2 s`, `42 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds is None:
        return NOTHING
    if round(seconds) < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def item(mapping: Any, key: str) -> Any:
    """The value under `key`; None if there is none."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def short(identifier: Any, length: int = 8) -> str:
    """The first characters of a long id or hash."""
    return str(identifier)[:length]
