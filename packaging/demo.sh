#!/bin/sh
# Opens the demo where there is a display; elsewhere plays a clinic morning under Xvfb into the given folder.
set -eu
out=$1
program=target/release/soegaki

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$program" demo
fi

rm -rf "$out"
mkdir -p "$out"
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
status=0
xvfb-run -a -s "-screen 0 1280x800x24 -nolisten tcp" "$program" demo --play "$out" || status=$?
if [ "$status" != 0 ]; then
    echo "demo: the play stopped with exit status $status; see $out/report.json" >&2
    exit "$status"
fi
echo "demo: played to the end. Screenshots and report: $out"
