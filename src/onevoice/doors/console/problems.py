"""Console: the page a person sees when something went wrong: what happened, what is safe, what to do."""

from typing import Any, Final

from litestar import Request, Response

from onevoice.doors.console.render import View, page

SAYS: Final = {
    400: ("This address cannot be read", "Nothing was changed. Go back, or begin at the overview."),
    401: ("Sign in first", "Nothing was changed."),
    403: ("This is not yours to do", "Nothing was changed. Whoever runs this installation can give you the right."),
    404: ("There is nothing here", "It may never have existed, or it belongs to somebody else. Nothing was changed."),
    405: ("This cannot be done here", "Nothing was changed."),
    413: ("That was too much at once", "Nothing was changed. Send less."),
    422: ("This cannot be taken as it is", "Nothing was changed."),
    429: ("Too many tries", "Nothing was changed. Wait a few minutes."),
    503: ("The store cannot answer just now", "What was decided before is safe. Try again in a moment."),
}
BROKEN: Final = ("Something broke on our side", "What was decided before is safe. It was written to the log.")


def problem_page(request: Request[Any, Any, Any], problem: Any) -> Response[Any]:
    """The page for a problem of the HTTP door (`status`, `detail`, `faults`, `headers`)."""
    title, safe = SAYS.get(problem.status, BROKEN)
    state = request.scope.get("state", {})
    view = View(authority=state.get("authority"), zone="UTC", now=0, csrf=str(state.get("csrf", "")))
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    made: Response[Any] = page(
        "problem.html",
        view,
        status=problem.status,
        headers=headers,
        title=title,
        safe=safe,
        problem=problem,
    )
    return made
