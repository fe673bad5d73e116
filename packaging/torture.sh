#!/bin/sh
# Faults on purpose, the long set: kills, cuts, full disks, damaged files, stopped databases, wrong clocks; then the
# simulated schedules. What follows `make torture` in ARGS goes to the program: --fast, --only PHASE, --seed N.
set -eu
cargo build --locked -p e2e --bin torture --bin terminal
status=0
# shellcheck disable=SC2086
target/debug/torture ${ARGS:---long} || status=$?

case " ${ARGS:-} " in
*" --only "* | *" --fast "* | *" list "*) exit "$status" ;;
esac
echo
echo "== simulated schedules of outbox, cloud and line"
SOEGAKI_SCHEDULES="${SOEGAKI_SCHEDULES:-20000}" \
    cargo test --locked -p e2e --test simulation -- --nocapture || status=$?
exit "$status"
