#!/bin/sh
# Looks at the emulator's page with a headless Chromium, and keeps a picture of it when given a file's name.
# CHROMIUM names the browser.
. "$(dirname "$0")/common.sh"

command -v node >/dev/null || without "there is no node to drive a browser with"
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if test -n "$name" && command -v "$name" >/dev/null; then
        browser=$name
        break
    fi
done
test -n "${browser:-}" || without "there is no Chromium"
start --run-time-ms 400 --scenario docs/scenarios/partial.json
node tests/emulator/page.mjs "$browser" "$base_url" "$work/profile" "${1:-$work/page.png}"
