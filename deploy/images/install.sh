#!/bin/sh
# Installs one service, with what it needs and nothing else, into an empty folder. The images are made by this, and so is
# what the tests run.
#
#   install.sh packages SERVICE FOLDER    what others wrote, in the versions and with the hashes of requirements.lock
#   install.sh own SERVICE FOLDER         our own code, which changes more often
#   install.sh inventory SERVICE FOLDER   FOLDER/sbom.json: what is in there (CycloneDX)
#
# It needs uv and cyclonedx-py on the path (requirements-images.lock); uv reads UV_PYTHON and UV_COMPILE_BYTECODE.
set -eu
step=$1 service=$2 folder=$3
cd "$(dirname "$0")/../.."
python="$folder/bin/python"

case $step in
packages)
    uv venv --quiet --no-project "$folder"
    uv pip compile --quiet --no-header --no-annotate --no-emit-package kinamik-shared --no-build \
        --constraint requirements.lock --python "$python" --extra sentry \
        "services/$service/pyproject.toml" shared/pyproject.toml >"$folder/requirements.txt"
    uv pip install --quiet --python "$python" --no-deps --no-build --require-hashes \
        --constraint requirements.lock --requirement "$folder/requirements.txt"
    rm "$folder/requirements.txt"
    ;;
own)
    uv pip install --quiet --python "$python" --no-deps --no-sources ./shared "./services/$service"
    ;;
inventory)
    cyclonedx-py environment --no-validate --output-reproducible --output-file "$folder/sbom.json" "$python"
    ;;
*)
    echo "install.sh: packages, own or inventory, not $step" >&2
    exit 2
    ;;
esac
