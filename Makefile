# Two commands do everything on a fresh Debian 12 machine with Python 3.11, git and make:
#   make demo   one spec to a running, verified site in containers
#   make test   all that is known about this code, proven again
# The rest are their parts, each callable alone.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv tools engine engine-down demo test behind static lint unit docs live vm soak bench golden clean

PYTHON ?= python3
BIN := .venv/bin
SITE := bundles/ha-wordpress
# Live tests run in so many lanes side by side, each in networks of its own.
LANES ?= 4
# How often `make soak` repeats them.
ROUNDS ?= 5
export PYTHONDONTWRITEBYTECODE := 1
# mkdocs-material announces its successor at each build
export NO_MKDOCS_2_WARNING := 1

# Every part says how long it took.
timed = start=$$(date +%s); $(1); echo "== $(2): $$(( $$(date +%s) - start )) s"

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

venv: .venv/.done ## Virtual environment from the lock, hashes checked
.venv/.done: requirements.lock pyproject.toml
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv >/dev/null; \
	  else echo "python3-venv is missing: install it, or run this as root" >&2; exit 1; fi; fi
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

tools: .cache/fail2ban .cache/prometheus ## Programs of the system that tests need (Debian, as root)
	@missing=""; \
	for pair in shellcheck:shellcheck busybox:busybox qemu-system-x86_64:qemu-system-x86 mkfs.ext4:e2fsprogs \
	  xorriso:xorriso strace:strace ssh:openssh-client ip:iproute2 mmdebstrap:mmdebstrap mkfs.xfs:xfsprogs \
	  busybox:busybox chromium-headless-shell:chromium-headless-shell; do \
	  command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair##*:}"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo "missing and not installed (needs root and apt-get):$$missing" >&2; exit 0; fi; \
	echo "installing$$missing"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -qq -y --no-install-recommends $$missing >/dev/null

# Unpacked and not installed: a package's daemon would start, and bans belong on no machine of ours.
.cache/fail2ban:
	@if command -v fail2ban-regex >/dev/null; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "missing: fail2ban-regex (fail2ban), which tests of filters need" >&2; exit 0; fi; \
	echo "unpacking fail2ban"; folder=$$(mktemp -d); chmod 755 $$folder; trap 'rm -rf $$folder' EXIT; \
	(cd $$folder && { apt-get download -qq fail2ban 2>/dev/null || { apt-get update -qq && \
	  apt-get download -qq fail2ban; }; } && dpkg -x fail2ban_*.deb root); \
	mkdir -p .cache && mv $$folder/root $@

# Of its package promtool alone: the server would start, too.
.cache/prometheus:
	@if command -v promtool >/dev/null; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "missing: promtool (prometheus), which tests of metrics need" >&2; exit 0; fi; \
	echo "unpacking promtool"; folder=$$(mktemp -d); chmod 755 $$folder; trap 'rm -rf $$folder' EXIT; \
	(cd $$folder && { apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && \
	  apt-get download -qq prometheus; }; } && dpkg -x prometheus_*.deb root); \
	mkdir -p $@/usr/bin && mv $$folder/root/usr/bin/promtool $@/usr/bin

engine: venv tools ## A container engine that answers; started here where none does
	@$(BIN)/python -m verify.lab.host up

engine-down: venv ## Stop the engine that `make engine` has started
	@$(BIN)/python -m verify.lab.host down

demo: venv tools ## Boot the reference site in containers and verify it
	@$(call timed,bash tests/demo.sh $(SITE),demo)

# What is live waits a lot, for machines that boot and for faults to show: all else runs beside it,
# and gives way to it without starving. Where the kernel groups processes by session (sched(7),
# autogroup), only the group's nice value counts.
test: venv tools ## Everything: lint, docs, unit, live
	@$(call timed,pace=$$($(BIN)/python -m tests.pace $(LANES)); STOOK_TEST_PACE=$$pace $(MAKE) --no-print-directory -j2 behind live,test)

behind: venv tools
	@setsid --wait setpriv --pdeathsig TERM sh -c '{ echo 5 >/proc/self/autogroup; } 2>/dev/null; \
		exec nice -n 5 "$$@"' sh $(MAKE) --no-print-directory static

static: venv tools
	@$(MAKE) --no-print-directory lint docs unit

lint: venv tools ## ruff, mypy --strict, shellcheck
	@$(call timed,$(BIN)/python -m pytest -q tests/lint,lint)

unit: venv tools ## Tests that need neither root nor an engine
	@$(call timed,$(BIN)/python -m pytest -q -n 2 tests --ignore tests/lint --ignore tests/live --ignore tests/bench,unit)

docs: venv ## The documentation, with every warning an error
	@$(call timed,$(BIN)/python -m mkdocs build --quiet --strict,docs)

# An engine that answers already is somebody's, and stays.
live: venv tools ## Real daemons in containers and in a virtual machine (root)
	@start=$$(date +%s); status=0; docker info >/dev/null 2>&1 && stays=yes || stays=; \
	$(BIN)/python -m verify.lab.host up; \
	$(BIN)/python -m pytest -v -n $(LANES) --no-loadscope-reorder --durations 25 tests/live || status=1; \
	[ -n "$$stays" ] || $(BIN)/python -m verify.lab.host down || :; \
	echo "== live: $$(( $$(date +%s) - start )) s"; exit $$status

vm: venv tools ## The virtual machine alone (root)
	@$(call timed,$(BIN)/python -m pytest -v tests/live/test_machine.py,vm)

# As often as one likes: each round is what `make live` does, faults in other company each time.
soak: venv tools ## What is too long for each commit: 10,000 specs, and live tests again
	@$(call timed,STOOK_TEST_EXAMPLES=10000 $(BIN)/python -m pytest -q -n 2 tests/golden/test_properties.py tests/unit/apply tests/kinds,examples)
	@for round in $$(seq $(ROUNDS)); do STOOK_TEST_TURN=$$round $(MAKE) --no-print-directory live; done

bench: venv ## Ratios against the floor, on tmpfs
	@$(BIN)/python -m tests.bench

golden: venv ## Rewrite the expected files of the golden cases; review the diff
	@$(BIN)/python -m pytest -q tests/golden --update

clean: ## Remove what was built here
	rm -rf .venv site .pytest_cache .mypy_cache .ruff_cache .hypothesis
