"""Routes that match with and without a trailing slash; links are written without."""

from rest_framework.routers import SimpleRouter


class OptionalSlashRouter(SimpleRouter):
    """Treats `jobs` and `jobs/` as the same."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
