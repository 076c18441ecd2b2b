"""House tests: rules about the code itself that can be checked are checked here."""
