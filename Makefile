# bansou (伴走) — what can be asked of the project. `make` alone explains itself.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest

# In order, and stopping at the first "no".
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help env up demo lint test test-quick bench night lock

help: ## この一覧 | this list
	@echo 'bansou 伴走'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\) | \(.*\)/\1\t\2\t\3/p' Makefile | \
	  while IFS="$$(printf '\t')" read -r name ja en; do printf '  make %-11s %s\n%19s%s\n' "$$name" "$$ja" '' "$$en"; done

env: ## 実行環境を .venv に用意する(2回目以降はすぐ終わる) | prepare the environment in .venv (at once the second time)
	@PYTHON='$(PYTHON)' .ci/env

HERE = echo; echo '別の端末で bansou を使うには | to use bansou in another terminal:'; \
  echo '  cd $(CURDIR) && export PATH="$(CURDIR)/$(BIN):$$PATH"'; echo

up: env ## すべてを起動する(保存先、支援経路、見本の町、時計) | start everything (store, pathways, sample town, clock)
	@$(HERE)
	@$(BIN)/bansou up

demo: env ## 試行用の保存先に見本のケースを入れて起動する | start on a trial store filled with sample cases
	@$(HERE)
	@$(BIN)/bansou demo

lint: env ## 書式・型・依存の向きを調べる | style, types and the direction of imports
	@echo '== ruff check'; $(BIN)/ruff check .
	@echo '== ruff format'; $(BIN)/ruff format --check .
	@echo '== mypy'; $(BIN)/mypy
	@echo '== import-linter'; $(BIN)/lint-imports

test: lint ## すべての検査と試験 | every check and every test
	@echo '== pytest'; HYPOTHESIS_PROFILE=ci $(PYTEST) -n $(WORKERS) --dist worksteal

test-quick: env ## 手元で素早く(最初の失敗で止まる) | quickly, while writing (stops at the first failure)
	@$(PYTEST) -x -q -m 'not crash and not browser'

bench: env ## 速さを測る(tests/benchmark) | measure speed (tests/benchmark)
	@$(PYTEST) -s -q -o faulthandler_timeout=0 -o python_files='bench_*.py' tests/benchmark

night: env ## 性質の試験を長く回す | let the property tests run long
	@HYPOTHESIS_PROFILE=night $(PYTEST) -o faulthandler_timeout=0 -n $(WORKERS) --dist worksteal

# uv is needed here only, never to install or to run. The larger set first: what is tested is what is shipped.
# LOCKFLAGS=--upgrade takes the newest of everything.
UV ?= $(shell command -v $(BIN)/uv || command -v uv)
COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --extra postgres

lock: ## 依存の版を固定し直す(uv が必要) | pin the dependencies anew (needs uv)
	@test -n '$(UV)' || { echo 'uv がありません。 uv is missing: .venv/bin/pip install uv' >&2; exit 1; }
	@$(COMPILE) $(LOCKFLAGS) --group dev --output-file requirements-dev.lock
	@$(COMPILE) $(LOCKFLAGS) --constraint requirements-dev.lock --output-file requirements.lock
