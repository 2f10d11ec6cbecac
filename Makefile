# Everything runs from .venv, which any target makes from python3 >= 3.11 alone.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
# A second target would start before the first has finished its set-up.
.NOTPARALLEL:

BIN := .venv/bin
PY := $(BIN)/python
SITE = $(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
UVFLAGS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

# On a busy machine two BLAS threads take many times as long as one.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
# Empty, so that bytecode is kept: without it each notebook compiles its imports anew.
export PYTHONDONTWRITEBYTECODE :=
# Other people's packages, and pip settings that install elsewhere or something else, stay out;
# settings that say where packages come from (index, certificate, proxy) stay in force.
unexport PYTHONHOME PYTHONPATH
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_DRY_RUN
unexport PIP_CONSTRAINT PIP_REQUIREMENT PIP_NO_BINARY

.PHONY: help report test lab training check slow bench pages model forecast batch data lock clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

report: .venv/stamp ## run the example request and print the path of its report
	@$(BIN)/datalab run data/synthetic/requests/second-start

test: .venv/stamp ## run the tests
	@$(PY) -m pytest

# No call leaves the machine: no news, no search for updates, no list of extensions. Kernels talk through
# files only this user may read, since over TCP others on the machine could listen. What is deleted is gone,
# and no copy of it waits in a trash folder.
lab: .venv/stamp ## open JupyterLab on the notebooks (LAB="--no-browser ...": more options for it)
	@$(PY) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/notebooks \
	    --KernelManager.transport=ipc --FileContentsManager.delete_to_trash=False \
	    --LabApp.news_url=None --LabApp.extension_manager=readonly \
	    --LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate $(LAB)

training: .venv/stamp ## open the lessons for people who work in charities (LAB as above)
	@$(BIN)/datalab training --lab-options="$(LAB)"

check: .venv/stamp ## check format and style, and that no notebook holds output
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@find notebooks -name '*.ipynb' -not -path '*/.*' -exec $(PY) -m nbstripout --verify --keep-id {} +

slow: .venv/stamp ## run the long tests, which read ONLY=... and SEED=... from the environment
	@ONLY="$(ONLY)" SEED="$(SEED)" $(PY) -m pytest -m slow -n 0 -s

# ONLY names a part (linking, matching) or the people to link to.
BENCHES := $(if $(filter linking matching,$(ONLY)),$(ONLY),$(if $(ONLY),linking,linking matching))

bench: .venv/stamp ## time linking and matching (ONLY=matching: that part; ONLY=1000000: link to so many; SEED=n)
	@failed=0; for part in $(BENCHES); do \
	    ONLY="$(filter-out linking matching,$(ONLY))" SEED="$(SEED)" $(PY) tests/bench/$$part.py || failed=1; \
	done; exit $$failed

pages: .venv/pages-stamp ## open every kind of page in Chromium: accessibility, phone, print, keyboard
	@$(PY) -m pytest tests/pages -m pages -n 0 -s

model: .venv/stamp ## train the linking model again (some minutes)
	@$(PY) tests/bench/linking_model.py

forecast: .venv/stamp ## fit the figures of the forecast again, on 300 invented requests
	@$(PY) tests/bench/forecast.py

batch: .venv/stamp ## run every example request
	@$(BIN)/datalab batch data/synthetic/requests

data: .venv/stamp ## make the committed synthetic data again
	@$(BIN)/datalab synthetic --people 30000 --seed 2030 --out data/synthetic
	@$(PY) tests/lesson_rates.py

lock: .venv/uv-stamp ## compile the locks again (UPGRADE=1: take the newest versions)
	@$(BIN)/uv pip compile -q $(UVFLAGS) $(if $(UPGRADE),--upgrade) --extra test pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q $(UVFLAGS) $(if $(UPGRADE),--upgrade) --group pages -c requirements.lock -o requirements-pages.lock
	@echo uv | $(BIN)/uv pip compile -q $(UVFLAGS) $(if $(UPGRADE),--upgrade) --no-annotate - -o requirements-uv.lock

clean: ## remove .venv and caches; runs and reports stay
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -exec rm -rf {} +

# The launchers in .venv hold its path: a moved or copied checkout sets up again, as does one
# whose Python is gone.
ifneq ($(shell [ ! -x $(PY) ] || cat .venv/place 2>/dev/null),$(CURDIR))
.venv/place: FORCE
endif

.venv/place:
	@python=; \
	for name in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do \
	    if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; \
	    then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "This needs Python 3.11 to 3.14. Found: $$(python3 --version 2>&1 || true)." \
	         "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	echo "Making .venv with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear .venv || { \
	    echo "Python's venv module failed: on Debian and Ubuntu, install python3-venv." >&2; exit 1; }
	@echo "$(CURDIR)" > $@

# uv is a help, not a need: where it cannot be had, pip installs the same lock, more slowly.
.venv/uv-stamp: .venv/place requirements-uv.lock
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock \
	    || echo "uv could not be installed: pip will do." >&2
	@touch $@

# Packages as a lock pins them, by uv where it can be had.
define install
	@if ! { [ -x $(BIN)/uv ] && UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-}}" \
	        $(BIN)/uv pip install -q --require-hashes --python $(PY) -r $(1); }; then \
	    echo "Installing with pip instead, which takes some minutes ..."; \
	    $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r $(1); \
	fi
endef

.venv/stamp: .venv/uv-stamp requirements.lock pyproject.toml
	@echo "Installing the pinned packages ..."
	$(call install,requirements.lock)
	@# A path line in place of a build, so that an edit counts at once.
	@echo "$(CURDIR)" > "$$($(SITE))/datalab_workbench.pth"
	@# -P keeps a stray file in the user's folder from standing in for a module.
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname -- "$$0")/python" -P -c "import sys; from datalab_helpers.cli import main; sys.argv[0] = \"datalab\"; sys.exit(main())" "$$@"' > $(BIN)/datalab
	@chmod +x $(BIN)/datalab
	@# Otherwise JupyterLab asks each new user whether to fetch news.
	@mkdir -p .venv/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
	    > .venv/share/jupyter/lab/settings/overrides.json
	@touch $@

.venv/pages-stamp: .venv/stamp requirements-pages.lock
	$(call install,requirements-pages.lock)
	@touch $@
