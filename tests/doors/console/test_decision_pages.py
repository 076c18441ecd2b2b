"""What one does with a list of decisions: files of it, its order, and views that are kept."""

import csv
import io
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.answers.decisions import Filters, every
from onevoice.doors.console.decision_pages import RightsChanged, while_signed_in
from onevoice.nouns.moment import HOUR
from onevoice.nouns.words import Role, Verdict
from tests.answers.stage import NORTHSIDE, RETAIL, Stage, ana
from tests.doors.console.house import EMAIL, PASSWORD, house, signed_in
from tests.doors.console.test_pages import tags, token


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_list_leaves_as_a_file_with_a_name_of_ours(client: TestClient[Litestar], stage: Stage) -> None:
    """CSV and Parquet hold the same rows as the page, as attachments that no cache keeps."""
    customer, hold = ana(stage)
    stage.decided(customer, stage.clock() - 2 * HOUR, Verdict.SEND, unit=RETAIL, campaign=1)
    answer = client.get("/decisions/export/csv?verdict=hold&name=..%2Fx")
    assert answer.headers["content-disposition"] == 'attachment; filename="decisions-2026-10-01.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
    (row,) = rows_of(answer.text)
    assert (row["decision"], row["verdict"], row["reason"]) == (str(hold), "hold", "calendar_cap")
    assert (row["person"], row["campaign"], row["decided"]) == ("Ana Ferreira", "Newsletter", "2026-10-01T09:00:00Z")

    answer = client.get("/decisions/export/parquet")
    assert answer.headers["content-disposition"] == 'attachment; filename="decisions-2026-10-01.parquet"'
    table = pq.read_table(io.BytesIO(answer.content)).to_pylist()
    assert [one["verdict"] for one in table] == ["hold", "send"]
    assert table[0]["decided"] == datetime(2026, 10, 1, 9, tzinfo=UTC)
    assert client.get("/decisions/export/exe").status_code == 404
    assert client.get("/decisions/export/csv?verdict=maybe", headers={"accept": "text/html"}).status_code == 422


@pytest.mark.parametrize("name", ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "＝1", "'=1"])
def test_no_name_becomes_a_formula(client: TestClient[Litestar], stage: Stage, name: str) -> None:
    """What people call themselves is text in every spreadsheet; Parquet, which has types, keeps it as it is."""
    customer = stage.person("C-1", name, units=(RETAIL,))
    stage.decided(customer, stage.clock() - HOUR, Verdict.SEND, unit=RETAIL, campaign=1)
    (row,) = rows_of(client.get("/decisions/export/csv").text)
    assert row["person"] == "'" + name
    (kept,) = pq.read_table(io.BytesIO(client.get("/decisions/export/parquet").content)).to_pylist()
    assert kept["person"] == name


def test_a_file_holds_no_more_than_the_page_of_whoever_takes_it(stage: Stage) -> None:
    """An agent of one practice takes along their own decisions; what other units sent is in no file of theirs."""
    customer, _ = ana(stage)
    own = stage.decided(customer, stage.clock() - HOUR, Verdict.SEND, unit=NORTHSIDE, campaign=5)
    with TestClient(house(stage, unit="northside", role=Role.AGENT).app) as client:
        signed_in(client)
        text = client.get("/decisions/export/csv").text
        table = pq.read_table(io.BytesIO(client.get("/decisions/export/parquet").content)).to_pylist()
    assert [row["decision"] for row in rows_of(text)] == [str(own)] and [one["decision"] for one in table] == [own]
    assert "Newsletter" not in text and "Retail" not in text


def test_a_file_ends_where_rights_end(stage: Stage) -> None:
    """Before each part the session is looked at again: signing out, or other rights, end the file in the middle."""
    customer, _ = ana(stage)
    stage.decided(customer, stage.clock() - 2 * HOUR, Verdict.SEND, unit=RETAIL, campaign=1)
    built = house(stage)
    seen = SimpleNamespace(book=stage.book, entrance=built.entrance)
    token = built.entrance.start_session(EMAIL, PASSWORD, "127.0.0.1")
    authority = built.entrance.authority_of_session(token)
    assert authority is not None
    parts = every(partial(while_signed_in, seen, authority, token), Filters(), most=9, at_once=1)
    assert len(next(parts)) == 1
    built.entrance.end_session(token)
    with pytest.raises(RightsChanged):
        next(parts)


def test_a_list_turns_round_and_keeps_to_a_rule_and_a_customer(client: TestClient[Litestar], stage: Stage) -> None:
    """Filters stand in the address, and as chips that can be taken off."""
    customer, hold = ana(stage)
    stage.decided(customer, stage.clock() - 2 * HOUR, Verdict.SEND, unit=RETAIL, campaign=1)
    page = client.get("/decisions?order=oldest").text
    assert page.index("Spring offer") < page.index("Newsletter")
    assert 'aria-sort="ascending"' in page and 'href="/decisions"' in page
    page = client.get(f"/decisions?rule=two%20a%20day&customer={customer}").text
    assert "Rule “two a day”" in page and "About Ana Ferreira" in page and f"why={hold}" in page
    assert "Spring offer" not in page.split("<table")[1]
    assert f"/decisions?customer={customer}" in tags(client.get(f"/customers/{customer}").text).links
    assert client.get("/decisions?customer=999").status_code == 404
    assert client.get("/decisions?customer=x").status_code == 404


def test_filters_are_kept_under_a_name_and_forgotten(client: TestClient[Litestar], stage: Stage) -> None:
    """A view is a chip that leads to its filters; without the session's token nothing is kept."""
    ana(stage)
    page = client.get("/decisions?verdict=hold&from=2026-10-01").text
    form = {"name": "Held <b>", "query": "verdict=hold&from=2026-10-01&evil=1", "csrf_token": token(page)}
    assert client.post("/decisions/views", data={**form, "csrf_token": ""}).status_code == 403
    answer = client.post("/decisions/views", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/decisions?verdict=hold&from=2026-10-01")
    page = client.get("/decisions").text
    assert "Held &lt;b&gt;" in page and "/decisions?verdict=hold&from=2026-10-01" in tags(page).links
    assert client.post("/decisions/views", data={**form, "query": ""}).status_code == 422
    assert client.post("/decisions/views/7/forget", data=form).status_code == 404
    client.post("/decisions/views/1/forget", data=form)
    assert "Held &lt;b&gt;" not in client.get("/decisions").text


def test_each_counted_message_is_a_sentence_that_leads_to_it(client: TestClient[Litestar], stage: Stage) -> None:
    """The evidence of a hold: every touch counted, with its own page; and what would have let the message pass."""
    _, hold = ana(stage)
    page = client.get(f"/decisions/{hold}").text
    assert "What would have let it pass" in page
    links = [link for link in tags(page).links if link.startswith("/decisions/") and link != f"/decisions/{hold}"]
    assert len(links) >= 2
    for link in links:
        assert client.get(link, headers={"accept": "text/html"}).status_code == 200, link
