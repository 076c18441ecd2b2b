"""The console in a real browser: clicks, keys, both themes, narrow screens, and axe-core."""
