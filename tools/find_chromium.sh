#!/bin/sh
# Find a Chromium for the tests in tests/studio, or install Debian's where that may be done: as root
# and with apt. Without one those tests are skipped, so nothing here is an error.
for name in "${SCENEGEN_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
	if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "tests: installing chromium for the browser tests" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -qq --no-install-recommends chromium >/dev/null 2>&1 ||
		{ apt-get update -qq && apt-get install -qq --no-install-recommends chromium; } >/dev/null ||
		echo "tests: chromium could not be installed; the browser tests will be skipped" >&2
else
	echo "tests: no chromium found; the browser tests will be skipped" >&2
fi
exit 0
