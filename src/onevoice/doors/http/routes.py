"""Every route of /v1, in the order in which the documents tell of them."""

from typing import Final

from onevoice.doors.http import (
    consents,
    customers,
    decisions,
    documents,
    health,
    observations,
    openapi,
    policy,
    policy_drafts,
    proposals,
    touches,
)
from onevoice.doors.http.route import Route

OTHERS: Final[tuple[Route, ...]] = (
    *proposals.ROUTES,
    *touches.ROUTES,
    *decisions.ROUTES,
    *observations.ROUTES,
    *consents.ROUTES,
    *customers.ROUTES,
    *policy.ROUTES,
    *policy_drafts.ROUTES,
    *documents.ROUTES,
    *health.ROUTES,
)

ROUTES: Final[tuple[Route, ...]] = (*OTHERS, *openapi.routes(OTHERS))
