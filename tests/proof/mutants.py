"""Faults planted into the judge on purpose, one at a time; each must be caught by the comparison."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    file: str
    old: str
    new: str


MUTANTS: tuple[Mutant, ...] = ()


def caught(mutant: Mutant) -> str:
    return ""
