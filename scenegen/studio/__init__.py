"""The studio in the browser, over all stages."""
