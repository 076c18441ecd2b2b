"""The command line: words in, nouns through, words or JSON out."""
