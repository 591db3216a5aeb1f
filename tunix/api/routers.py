"""Routes that answer with and without a trailing slash; addresses are written without."""

from rest_framework.routers import SimpleRouter


class OptionalSlashRouter(SimpleRouter):
    """`jobs` and `jobs/` are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
