"""Stories of the judge: what it decides, and why."""
