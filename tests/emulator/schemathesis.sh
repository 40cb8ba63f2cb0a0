#!/bin/sh
# Fuzzes the emulator with schemathesis (PyPI), which makes its requests from openapi.yaml: no answer may
# be a 5xx, or other than openapi.yaml says. SCHEMATHESIS names an installed one; otherwise it is put
# into a virtual environment of its own. EXAMPLES is how many there are for each operation.
. "$(dirname "$0")/common.sh"

if test -z "${SCHEMATHESIS:-}"; then
    command -v python3 >/dev/null || without "there is no python3 for schemathesis"
    python3 -m venv "$work/venv" 2>/dev/null || without "this python3 makes no virtual environments"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check 'schemathesis>=4,<5' ||
        without "schemathesis cannot be installed"
    SCHEMATHESIS=$work/venv/bin/schemathesis
fi
start --run-time-ms 50 --api-key fuzzing-key
# A module of Python, whatever its name: files that are images go in beside files that are not.
export SCHEMATHESIS_HOOKS=hooks PYTHONPATH=$PWD/tests/emulator PYTHONDONTWRITEBYTECODE=1
document=$PWD/openapi.yaml
# It leaves files where it runs.
cd "$work"
"$SCHEMATHESIS" run "$document" --url "$base_url" --header "Authorization: fuzzing-key" \
    --max-examples "${EXAMPLES:-600}" --seed 1 --mode all --generation-database none \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection,unsupported_method,missing_required_header,ignored_auth
