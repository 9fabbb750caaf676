"""The account operations that are not in `users`. Template releases add their routers here."""

from app.api.routing import APIRouter
from app.api.v1.endpoints.accounts.administration import router as users_admin_router
from app.api.v1.endpoints.accounts.sessions import router as sessions_router
from app.api.v1.endpoints.auth import router as auth_router

router = APIRouter()
router.include_router(auth_router)
router.include_router(sessions_router)
router.include_router(users_admin_router)
