"""The tables: JSON is never filtered by, and every place personal data lives can be erased."""

import ast
import re
from collections.abc import Iterator

from onevoice.ledger.tables import metadata
from tests.house.tree import PACKAGE, modules, short, syntax

JSON_COLUMNS = {
    ("policies", "body"),
    ("policy_drafts", "body"),
    ("policy_trials", "found"),
    ("surroundings", "body"),
    ("vault_words", "refers"),
    ("changes", "before"),
    ("changes", "after"),
}
"""Text that is JSON or TOML inside: kept and shown whole."""

CLAUSES = {"where", "filter", "filter_by", "having", "group_by", "order_by", "join", "distinct"}
JSON_IN_SQL = re.compile(r"json_(extract|query|value)|jsonb|(?<!-)->>?\s*'|#>>", re.I)


def columns_named_in(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(table, column) of every `table.c.column` below a node."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Attribute) and each.value.attr == "c":
            yield ast.unparse(each.value.value).split(".")[-1], each.attr


def test_every_column_that_holds_json_is_known() -> None:
    """A comment that says JSON and the list above agree."""
    text = "".join((PACKAGE / name).read_text("utf-8") for name in ("ledger/tables.py", "ledger/draft_tables.py"))
    said = re.findall(r'Column\("(\w+)", Text[^\n]*#[^\n]*(?:JSON|policy file)', text)
    assert sorted(said) == sorted(column for _, column in JSON_COLUMNS)
    for table, column in JSON_COLUMNS:
        assert column in metadata.tables[table].c


def test_no_table_has_a_column_of_type_json() -> None:
    """What is filtered or grouped by is a typed column."""
    kinds = {str(column.type).upper() for table in metadata.tables.values() for column in table.c}
    assert not {kind for kind in kinds if "JSON" in kind}


def test_no_question_filters_or_groups_by_json() -> None:
    """Neither through SQLAlchemy nor in hand-written SQL."""
    filtered = [
        f"{short(module)}:{node.lineno}"
        for module in modules("src")
        for node in ast.walk(syntax(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLAUSES
        if any(pair in JSON_COLUMNS for argument in node.args for pair in columns_named_in(argument))
    ]
    written = [
        f"{short(module)}:{node.lineno}"
        for module in modules("src/onevoice/ledger", "src/onevoice/actions", "src/onevoice/answers")
        for node in ast.walk(syntax(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and JSON_IN_SQL.search(node.value)
    ]
    assert filtered + written == []


def test_erasure_knows_every_table() -> None:
    """A new table without a word on what erasure does to it cannot be added."""
    from onevoice.ledger.erasure import PLACES

    assert set(PLACES) == set(metadata.tables)
