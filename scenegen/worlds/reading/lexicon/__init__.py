"""The words that are known by name: each list holds what people call a value of the spec.

Words are written in the singular. A ``~`` marks what is only made like it: that is said in the
spec's choices.
"""
