"""Keep a view: the filters of a list under a name, for the member of staff who keeps it."""

from typing import Final

from sqlalchemy import delete, func, select

from onevoice.ledger.documents import lock_documents
from onevoice.ledger.engine import Engine
from onevoice.ledger.view_tables import saved_views as views
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import Fault, NotFound, Refused

NAME_MAX: Final = 80
QUERY_MAX: Final = 1_000
VIEWS_MAX: Final = 40


def keep_view(engine: Engine, authority: Authority, *, page: str, name: str, query: str) -> None:
    """Keep these filters under this name; a view of that name is replaced. Raises Refused."""
    name, member = name.strip(), authority.staff
    faults = []
    if not member:
        faults.append(Fault("name", "Only members of staff keep views."))
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        faults.append(Fault("name", f"Give the view a name of at most {NAME_MAX} characters."))
    if not 0 < len(query) <= QUERY_MAX:
        faults.append(Fault("query", "Choose a filter first; a view without one is the page itself."))
    if faults:
        raise Refused(faults)
    own = (views.c.staff == member) & (views.c.page == page)
    with engine.writing() as tx:
        lock_documents(tx)
        there = tx.connection.execute(select(func.count()).where(own, views.c.name != name)).scalar_one()
        if there >= VIEWS_MAX:
            raise Refused([Fault("name", f"You keep {VIEWS_MAX} views of this page already; forget one first.")])
        tx.connection.execute(delete(views).where(own, views.c.name == name))
        last = tx.connection.execute(select(func.max(views.c.number))).scalar() or 0
        tx.add(views, [(last + 1, member, page, name, query)])


def forget_view(engine: Engine, authority: Authority, number: int) -> None:
    """Forget a view of one's own. Raises NotFound for any other, there or not."""
    with engine.writing() as tx:
        lock_documents(tx)
        own = (views.c.number == number) & (views.c.staff == authority.staff)
        if not tx.connection.execute(delete(views).where(own)).rowcount:
            raise NotFound("There is no view of that number here for you to forget.")
