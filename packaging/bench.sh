#!/bin/sh
# Speed and memory, each as a table with the machine and its load. Slow is shown, not failed.
set -eu
cargo build --release --locked --bins -p kiosk -p cloud -p e2e

export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    target/release/kiosk-bench
else
    LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s "-screen 0 1280x800x24 -nolisten tcp" target/release/kiosk-bench
fi
echo
target/release/cloud-bench target/release/soegaki-cloud
