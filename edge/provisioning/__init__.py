"""Getting sensors on: `scan` finds them, `pair` takes one in, `doctor` says what is wrong and what to do."""
