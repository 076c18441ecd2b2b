"""The figures of the guess are what the documents say, and do not get worse unseen."""

import json

from tests.evaluate.guess import EVIDENCE, scored


def test_the_guess_is_as_good_as_its_figures_say() -> None:
    """Every log of the shared exports is guessed, no other table is taken for one, and the written figures are true."""
    total = scored()
    figures = json.loads(EVIDENCE.read_text("utf-8"))
    assert (total.logs_guessed, total.others_refused) == (total.logs, total.others)
    assert total.columns_right >= 68 and total.columns_wrong <= 1
    assert (figures["columns_right"], figures["columns"]) == (total.columns_right, total.columns)
    assert (figures["logs_guessed"], figures["no_logs_left_alone"]) == (total.logs_guessed, total.others_refused)
    assert figures["missed"] == total.missed
