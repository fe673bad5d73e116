#!/bin/sh
# Everything that CI checks, in the order that finds a fault soonest.
set -eu

# Judges that are not ours.
packaging/checkers.sh

skipped=""
step() { printf '\n== %s ==\n' "$1"; }

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "licences and sources"
if cargo deny --version >/dev/null 2>&1; then
    # Advisories need the RustSec database, which not every machine can fetch: `cargo deny check advisories`.
    cargo deny check licenses bans sources
else
    skipped="licences and sources: cargo-deny is not installed (cargo install --locked cargo-deny)"
    echo "SKIPPED: $skipped"
fi

step "tests"
cargo test --workspace --locked

step "the clinic's day under Xvfb"
# The program as the tests have just built it, beside those that start it.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}" LIBGL_ALWAYS_SOFTWARE=1
out=target/play
rm -rf "$out"
xvfb-run -a -s "-screen 0 1280x800x24 -nolisten tcp" target/debug/soegaki demo --play "$out"
python3 packaging/check_play.py "$out"
target/checkers/venv/bin/python packaging/check_hl7.py "$out/sent"

if [ -n "$skipped" ]; then
    printf '\nAll that ran has passed. SKIPPED: %s\n' "$skipped"
else
    printf '\nAll has passed, nothing was skipped. Not part of this: cargo deny check advisories (needs the network).\n'
fi
