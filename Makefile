# Two commands do all: `make demo` and `make test`. `make help` lists every target.
.PHONY: help setup demo check test torture bench windows
.DEFAULT_GOAL := help

DEMO_OUT := target/demo
export LIBGL_ALWAYS_SOFTWARE ?= $(if $(DISPLAY)$(WAYLAND_DISPLAY),,1)

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## Install what building, the demo and the tests need (Debian packages)
	@packaging/setup.sh

demo: setup ## Build and open the kiosk with its own cloud and sandbox; without a display, play a clinic morning into target/demo
	cargo build --release --locked --bin soegaki
	@packaging/demo.sh $(DEMO_OUT)

check: ## Format, clippy and the fast tests (seconds once built)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test --workspace --lib --locked --quiet

test: setup ## Everything that CI checks
	packaging/test.sh

torture: setup ## Faults by the hundred: kills, cuts, full disks, damaged files; counts what was lost (less than half an hour)
	packaging/torture.sh

bench: setup ## Speed and memory of kiosk and cloud, as tables (release build, several minutes)
	packaging/bench.sh

windows: setup ## Cross-build the kiosk for Windows, without the demo (several minutes)
	packaging/windows.sh
