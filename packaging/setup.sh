#!/bin/sh
# Installs what is missing on a Debian machine. Says what it installs; does nothing when all is there.
set -eu

build="gcc libc6-dev make pkg-config libcups2-dev"
window="xvfb xauth libgl1 libegl1 libgl1-mesa-dri libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0"
tests="cups cups-client printer-driver-cups-pdf zbar-tools poppler-utils python3-pip python3-venv postgresql dbus gnome-keyring python3 curl openssl ca-certificates procps util-linux wrk"

missing=""
for package in $build $window $tests; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done

# Node.js from elsewhere brings npm with it, and Debian's package would not stand beside it.
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

if [ -n "$missing" ]; then
    echo "setup: installing$missing"
    as_root apt-get update -qq
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if ! command -v cargo >/dev/null 2>&1; then
    if apt-cache show rustup >/dev/null 2>&1; then
        echo "setup: installing rustup and Rust 1.95"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rustup >/dev/null
        rustup default 1.95
    else
        echo "setup: Rust is missing and this Debian has no rustup package." >&2
        echo "       Install Rust 1.95 or newer from https://rustup.rs and run the command again." >&2
        exit 1
    fi
fi
