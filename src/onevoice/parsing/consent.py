"""Consents as imports bring them: what cannot be proven is recorded, and grants nothing."""

import msgspec

from onevoice.nouns.observation import Observation

NEEDED = (("source", "source"), ("evidence", "evidence"))


def proven(observation: Observation) -> Observation:
    """The observation as it may be recorded: a `consented` without source, evidence or time comes back `quarantined`,
    its detail saying what is missing. Anything else comes back as it is."""
    if observation.kind != "consented":
        return observation
    missing = [name for field, name in NEEDED if not getattr(observation, field).strip()]
    if not observation.occurred:
        missing.append("time")
    if not missing:
        return observation
    detail = f"This consent does not count until it is proven; missing: {', '.join(missing)}."
    return msgspec.structs.replace(observation, kind="quarantined", detail=detail)
