# What the scripts beside this one share. Sourced, not run.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
emulator=
trap 'test -z "$emulator" || kill "$emulator" 2>/dev/null || true; rm -rf "$work"' EXIT

# Ends the script where a tool is missing: well, unless WESHOP_REQUIRE_TOOLS says that nothing may be.
without() {
    echo "SKIPPED: $1" >&2
    test -z "${WESHOP_REQUIRE_TOOLS:-}" || exit 1
    exit 0
}

# Starts the emulator with the given arguments, and sets base_url.
start() {
    cargo build --quiet --example emulator --features emulator
    "${CARGO_TARGET_DIR:-target}/debug/examples/emulator" --port 0 "$@" >"$work/first-line" 2>"$work/stderr" &
    emulator=$!
    while ! test -s "$work/first-line"; do
        kill -0 "$emulator" 2>/dev/null || { cat "$work/stderr" >&2; exit 1; }
        sleep 0.05
    done
    base_url=$(sed 's/.*"base_url":"\([^"]*\)".*/\1/' "$work/first-line")
}
