# Recipes for developers. Users need only ./run and ./test.
PY = .venv/bin/python
export DJANGO_SETTINGS_MODULE = shouwang.desk.settings

lint:        ; .venv/bin/ruff check .
types:       ; .venv/bin/mypy
contracts:   ; .venv/bin/lint-imports
migrations:  ; $(PY) -m django makemigrations --check --dry-run
messages:    ; tools/messages.sh
bench:       ; for f in benchmarks/*.py; do echo "== $$f"; $(PY) $$f; done
docs:        ; $(PY) tools/glossary.py && $(PY) -m pytest tests/docs
pictures:    ; d=$$(mktemp -d) && SHOUWANG_PICTURES=$$d ./test tests/browser && $(PY) tools/pictures.py $$d
vendor:      ; tools/vendor.sh
lock:
	.venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras -o requirements.lock pyproject.toml
	.venv/bin/pip-compile -q --extra dev --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras -c requirements.lock -o requirements-dev.lock pyproject.toml
	echo 'pyspark>=4.0.1,<4.1' | .venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras -c requirements.lock -o requirements-spark.lock -
	echo 'atheris>=3,<4' | .venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras -o requirements-fuzz.lock -
	sed -i 's/^#    pip-compile .*/#    make lock/' requirements.lock requirements-dev.lock requirements-spark.lock requirements-fuzz.lock

.PHONY: lint types contracts migrations messages bench docs pictures vendor lock
