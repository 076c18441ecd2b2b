"""The console's pages, asked for over HTTP by somebody who signed in."""
