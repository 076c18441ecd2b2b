"""The HTTP door: /v1 for systems, sign-in and the console's frame for people."""
