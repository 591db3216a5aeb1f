"""The judge's settings, from the environment, because workers do not load Django's settings.

`tunix/settings.py` reads the same names, for system checks and to remove the key from logs.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

MAX_CONCURRENCY = 64


class JudgeMisconfigured(Exception):
    """A setting is missing or invalid; the message says what to set, and contains no secret."""


@dataclass(frozen=True)
class JudgeSettings:
    """The endpoint and how it is called. Prices are per million tokens; `max_cost` limits judging one run."""

    url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_seconds: float = 60.0
    concurrency: int = 4
    max_retries: int = 4
    input_price: float = 0.0
    output_price: float = 0.0
    max_cost: float | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def cost_of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The cost of these tokens."""
        return (prompt_tokens * self.input_price + completion_tokens * self.output_price) / 1e6


def read_settings(environment: Mapping[str, str] | None = None) -> JudgeSettings:
    """The settings in the environment. Raises JudgeMisconfigured for the first one that is missing or invalid."""
    values = os.environ if environment is None else environment
    if not values.get("JUDGE_URL", "").strip():
        raise JudgeMisconfigured("Set JUDGE_URL, such as http://127.0.0.1:11434/v1, and JUDGE_MODEL.")
    if not values.get("JUDGE_MODEL", "").strip():
        raise JudgeMisconfigured("Set JUDGE_MODEL to the model's name at the endpoint.")
    url = _url(values["JUDGE_URL"].strip(), allowed_hosts(values))
    api_key = values.get("JUDGE_API_KEY", "").strip()
    # Checked here, because the HTTP library would show an invalid key in its error message.
    if not all("!" <= character <= "~" for character in api_key):
        raise JudgeMisconfigured("JUDGE_API_KEY contains a character that a key cannot contain, such as a space.")
    return JudgeSettings(
        url=url,
        model=values["JUDGE_MODEL"].strip(),
        api_key=api_key,
        timeout_seconds=_number(values, "JUDGE_TIMEOUT_SECONDS", 60.0, low=0.1, high=3600),
        concurrency=int(_number(values, "JUDGE_CONCURRENCY", 4, low=1, high=MAX_CONCURRENCY)),
        max_retries=int(_number(values, "JUDGE_MAX_RETRIES", 4, low=0, high=20)),
        input_price=_number(values, "JUDGE_INPUT_PRICE", 0.0, low=0, high=1e9),
        output_price=_number(values, "JUDGE_OUTPUT_PRICE", 0.0, low=0, high=1e9),
        max_cost=_number(values, "JUDGE_MAX_COST", 0.0, low=0, high=1e12) or None,
    )


def allowed_hosts(values: Mapping[str, str]) -> frozenset[str]:
    """The hosts, besides this machine, that may be called; in lower case."""
    names = values.get("JUDGE_ALLOWED_HOSTS", "").split(",")
    return frozenset(name.strip().lower() for name in names if name.strip())


def is_loopback(host: str) -> bool:
    """Whether this name or address always means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _url(text: str, allowed: frozenset[str]) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise JudgeMisconfigured("JUDGE_URL is not a valid address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise JudgeMisconfigured("JUDGE_URL must begin with http:// or https:// and name a host.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise JudgeMisconfigured(
            "JUDGE_URL must not contain a user, password, query or fragment; the key is JUDGE_API_KEY."
        )
    if not is_loopback(host) and host not in allowed:
        raise JudgeMisconfigured(
            f"JUDGE_URL names the host {host}, which is not allowed. If prompts and answers may be sent there, "
            f"add it: JUDGE_ALLOWED_HOSTS={','.join(sorted({*allowed, host}))}"
        )
    return text.rstrip("/").removesuffix("/chat/completions")


def _number(values: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = values.get(name, "").strip()
    try:
        number = float(text) if text else float(default)
    except ValueError:
        number = math.nan
    if not low <= number <= high or (isinstance(default, int) and number != int(number)):
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise JudgeMisconfigured(f"{name} must be {kind} from {low:g} to {high:g}.")
    return number
