"""Records the ids that transformers gives to the first row of each format, for `test_formats_as_tokens.py`.

The messages are those that `format_files.py` has by hand, so nothing of the import is used. Needs transformers.

    python -m tunix.datasets.tests.record_format_reference
"""

from __future__ import annotations

from pathlib import Path

from tunix.pipeline.data.chat.tests.record_chat_reference import recorded_by_template, versions, write

from .format_files import FORMATS

REFERENCE = Path(__file__).with_name("format_reference.json")


if __name__ == "__main__":
    conversations = {file.name: (file.messages, file.tools or None) for file in FORMATS}
    write(REFERENCE, {"versions": versions(), "templates": recorded_by_template(conversations)})
