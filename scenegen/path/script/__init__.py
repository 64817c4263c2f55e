"""The path script: a short YAML, JSON or Python file that reads like a director's note."""
