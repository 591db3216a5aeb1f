"""Routes of the API."""

from tunix.api.routers import OptionalSlashRouter

from .views import DatasetViewSet

router = OptionalSlashRouter()
router.register("datasets", DatasetViewSet, basename="api-dataset")
urlpatterns = router.urls
