"""Amounts of bytes in words: by powers of 1,024, with the units that say so."""

from __future__ import annotations

_KIB = 1024


def bytes_in_words(number: float) -> str:
    """`12 bytes`, `15 KiB`, `3 MiB` or `1.5 GiB`."""
    if number < _KIB:
        return f"{number:.0f} byte{'s' * (number != 1)}"
    if number < _KIB**2:
        return f"{number / _KIB:.0f} KiB"
    return f"{number / _KIB**2:.0f} MiB" if number < _KIB**3 else f"{number / _KIB**3:.1f} GiB"
