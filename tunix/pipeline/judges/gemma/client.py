"""Calls the endpoint, retries where that may help, and decides whether a failure affects one item or the run.

Errors of the HTTP library are not passed on, and the API key is removed from anything the server returns.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_random_exponential,
)
from tenacity.stop import stop_base

from tunix.pipeline.judges.gemma.answer import Answer, Refused, Unanswered, Unusable, answer_of, tokens_of
from tunix.pipeline.judges.gemma.rubric import SCHEMA
from tunix.pipeline.judges.gemma.settings import JudgeSettings
from tunix.pipeline.judges.usage import Meter

MAX_BODY_BYTES = 1024 * 1024
MAX_ANSWER_TOKENS = 400
MAX_RETRY_AFTER = 60.0
_TRY_AGAIN = frozenset({408, 409, 425, 429})
_SCHEMA_REFUSED = frozenset({400, 422, 501})
_BACK_OFF = wait_random_exponential(multiplier=0.5, max=20)
_WHAT_TO_DO = {
    401: "Set JUDGE_API_KEY to a valid key.",
    403: "The key in JUDGE_API_KEY may not use this model.",
    404: "Check JUDGE_URL (it usually ends in /v1) and JUDGE_MODEL.",
}


class _Busy(Unanswered):
    """A retry may succeed, after `retry_after` seconds if the server says so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Client:
    """One endpoint, shared by several threads. Setting `stop` ends every wait."""

    def __init__(self, settings: JudgeSettings, meter: Meter, stop: Event) -> None:
        self._settings, self._meter, self._stop = settings, meter, stop
        self._takes_schema = True
        # No proxies or .netrc from the environment, and no redirects: data is sent to this host only.
        self._http = httpx.Client(
            timeout=settings.timeout_seconds,
            limits=httpx.Limits(max_connections=settings.concurrency),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}),
            follow_redirects=False,
            trust_env=False,
            verify=httpx.create_ssl_context(),
        )

    def close(self) -> None:
        self._http.close()

    def ask(self, messages: list[dict[str, str]]) -> Answer:
        """The judge's answer; an unusable one is requested once more. Raises Refused, Unanswered."""
        try:
            return answer_of(self._body(messages))
        except Unusable:
            pass
        try:
            return answer_of(self._body(messages))
        except Unusable as error:
            raise Unanswered(str(error)) from None

    def _body(self, messages: list[dict[str, str]]) -> str:
        retrying = Retrying(
            retry=retry_if_exception_type(_Busy),
            stop=stop_after_attempt(1 + self._settings.max_retries) | stop_when_event_set(self._stop) | _LongWait(),
            wait=_pause,
            sleep=sleep_using_event(self._stop),
            reraise=True,
        )
        return retrying(self._ask_once, messages)

    def _ask_once(self, messages: list[dict[str, str]]) -> str:
        with_schema = self._takes_schema
        status, headers, body = self._post(messages, with_schema)
        if with_schema and status in _SCHEMA_REFUSED and not _is_too_long(body):
            status, headers, body = self._post(messages, False)
            if status == 200:
                self._takes_schema = False
        if status == 200:
            return body
        raise self._failure(status, headers, body)

    def _failure(self, status: int, headers: httpx.Headers, body: str) -> Exception:
        answered = f"{self._settings.host} answered {status}"
        if status in _TRY_AGAIN or status >= 500:
            return _Busy(f"{answered}.", _seconds(headers.get("retry-after")))
        if status == 413 or _is_too_long(body):
            return Unanswered(f"{answered}: the item is too long for the model.")
        if 300 <= status < 400:
            return Refused(
                f"{answered}, a redirect, and redirects are not followed. Set JUDGE_URL to the final address."
            )
        advice = _WHAT_TO_DO.get(status, "Check JUDGE_MODEL and what the endpoint can do.")
        return Refused(f"{answered}: {' '.join(body.split())[:200] or 'no details'}. {advice}")

    def _post(self, messages: list[dict[str, str]], with_schema: bool) -> tuple[int, httpx.Headers, str]:
        """Status, headers and body of one request. Raises _Busy if there was no answer in time."""
        self._meter.add(calls=1)
        url, deadline = f"{self._settings.url}/chat/completions", time.monotonic() + self._settings.timeout_seconds
        try:
            with self._http.stream("POST", url, content=self._request(messages, with_schema)) as response:
                body = self._read(response, deadline)
                status, headers = response.status_code, response.headers
        except httpx.TimeoutException:
            raise self._too_slow() from None
        except httpx.TransportError as error:
            raise _Busy(f"{self._settings.host} cannot be reached ({type(error).__name__}).") from None
        except httpx.HTTPError as error:
            raise Unanswered(
                f"{self._settings.host} did not answer with valid HTTP ({type(error).__name__})."
            ) from None
        if status == 200:
            tokens = tokens_of(body)
            cost = self._settings.cost_of(tokens.prompt, tokens.completion)
            self._meter.add(prompt_tokens=tokens.prompt, completion_tokens=tokens.completion, cost=cost)
        return status, headers, body

    def _read(self, response: httpx.Response, deadline: float) -> str:
        """The body without the key. Limited in size and time, so that an endless or slow response ends."""
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise Unanswered(f"{self._settings.host} answered more than {MAX_BODY_BYTES:,} bytes.")
            if time.monotonic() > deadline:
                raise self._too_slow()
        text = body.decode(errors="replace")
        return text.replace(self._settings.api_key, "***") if self._settings.api_key else text

    def _request(self, messages: list[dict[str, str]], with_schema: bool) -> str:
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": MAX_ANSWER_TOKENS,
        }
        if with_schema:
            schema = {"name": "judgement", "strict": True, "schema": SCHEMA}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        return json.dumps(request)

    def _too_slow(self) -> _Busy:
        seconds = self._settings.timeout_seconds
        return _Busy(f"{self._settings.host} did not answer within {seconds:g} seconds (JUDGE_TIMEOUT_SECONDS).")


def _is_too_long(body: str) -> bool:
    return "context_length_exceeded" in body or "maximum context length" in body


class _LongWait(stop_base):
    """Stops retrying if the server asks for a longer pause than MAX_RETRY_AFTER."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        return (_retry_after(retry_state) or 0.0) > MAX_RETRY_AFTER


def _pause(state: RetryCallState) -> float:
    """The pause that the server asks for, otherwise exponential back-off with full jitter."""
    asked = _retry_after(state)
    return _BACK_OFF(state) if asked is None else asked


def _retry_after(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, _Busy) else None


def _seconds(header: str | None) -> float | None:
    """The seconds of a Retry-After header, which contains seconds or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
