"""What `tools/bench.py` and `tools/roofline.py` are made of: parts that measure, a table, plots."""
