"""What the service writes is for its own user."""

from pathlib import Path

from tunix.pipeline.files import write_text


def test_files_and_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "result.json"
    write_text(path, "{}")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
