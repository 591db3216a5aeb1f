"""Shares the package name with Google's Tunix library, and does nothing else: see docs/architecture.md."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
