#!/bin/sh
# Builds the kiosk for Windows (x86-64) on a Debian machine, without the demo. Installs the cross compiler when it is
# missing. `packaging/windows.sh check` compiles without linking.
set -eu
target=x86_64-pc-windows-gnu

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1; then
    echo "windows: installing gcc-mingw-w64-x86-64"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc-mingw-w64-x86-64 >/dev/null
fi
if ! rustup target list --installed | grep -qx "$target"; then
    echo "windows: installing Rust's standard library for $target"
    rustup target add "$target"
fi

if [ "${1:-build}" = check ]; then
    cargo check --locked --target "$target" -p kiosk --no-default-features --bin soegaki
else
    cargo build --release --locked --target "$target" -p kiosk --no-default-features --bin soegaki
    ls -l "target/$target/release/soegaki.exe"
fi
