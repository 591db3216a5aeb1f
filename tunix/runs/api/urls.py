"""Routes of the API."""

from tunix.api.routers import OptionalSlashRouter

from .views import BaseModelViewSet, RunViewSet

router = OptionalSlashRouter()
router.register("models", BaseModelViewSet, basename="api-model")
router.register("runs", RunViewSet, basename="api-run")
urlpatterns = router.urls
