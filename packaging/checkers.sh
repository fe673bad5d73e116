#!/bin/sh
# Installs the judges that are not ours and that no Debian package brings, into target/checkers: hl7apy (PyPI, checks
# HL7 v2.5 messages) and zpl-renderer-js (npm, draws ZPL). Says what it installs; does nothing when both are there.
set -eu
cd "$(dirname "$0")/.."

hl7apy=1.3.5
zpl=3.4.0
folder="${CARGO_TARGET_DIR:-target}/checkers"
mkdir -p "$folder"

have_hl7apy() {
    [ "$("$folder/venv/bin/python" -c \
        'from importlib.metadata import version; print(version("hl7apy"))' 2>/dev/null)" = "$hl7apy" ]
}
have_zpl() {
    grep -q "\"version\": \"$zpl\"" "$folder/node_modules/zpl-renderer-js/package.json" 2>/dev/null
}

if ! have_hl7apy; then
    echo "checkers: installing hl7apy $hl7apy from PyPI"
    [ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
    "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "hl7apy==$hl7apy"
    have_hl7apy || { echo "checkers: hl7apy $hl7apy did not come; see the lines above" >&2; exit 1; }
fi
if ! have_zpl; then
    echo "checkers: installing zpl-renderer-js $zpl from npm"
    # --prefix keeps npm from looking for a package.json further up.
    npm install --prefix "$folder" --no-audit --no-fund --loglevel=error "zpl-renderer-js@$zpl"
    have_zpl || { echo "checkers: zpl-renderer-js $zpl did not come; see the lines above" >&2; exit 1; }
fi
