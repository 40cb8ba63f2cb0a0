#!/usr/bin/env bash
# Fetches the documents of documents.txt from their packages, generates a client from each, compiles
# those of fewer than 8,000 lines and says whether the README's table is still true.
# Needs npm, pip and the network; the folder named by the first argument keeps what was fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mkdir -p "${1:-target/corpus}" && cd "${1:-target/corpus}" && pwd)
cd "$work"
while read -r registry package version _; do
  folder="${package//\//_}-$version"
  if [ ! -d "$folder" ]; then
    rm -rf "$folder.new" && mkdir "$folder.new" && cd "$folder.new"
    case $registry in
      npm) npm pack --silent "$package@$version" >/dev/null && tar xzf ./*.tgz --strip-components=1 ;;
      pypi) pip download -q --no-deps --only-binary :all: "$package==$version" && python3 -m zipfile -e ./*.whl . ;;
      pypi-sdist) pip download -q --no-deps --no-binary :all: "$package==$version" && tar xzf ./*.tar.gz --strip-components=1 ;;
      *) echo "no registry is called $registry" >&2 && exit 1 ;;
    esac
    cd "$work" && mv "$folder.new" "$folder"
  fi
done < <(grep -v '^#' "$here/documents.txt" | cut -d'|' -f1)
rm -rf src
cargo run -q --manifest-path "$here/../Cargo.toml" --example verdict -- \
  "$here/documents.txt" . src "${CORPUS_LINES:-8000}" | tee table.md
cp "$here/../tests/fixtures/generated.toml" Cargo.toml
cp "$here/../../Cargo.lock" .
CARGO_TARGET_DIR="$work/target" cargo check --quiet
echo "$(grep -c '^pub mod' src/lib.rs) documents compile"
if ! diff <(grep -A1000 '^| package' "$here/../README.md" | grep '^|') table.md; then
  echo "the README's table is another one; $work/table.md is what it should be" >&2
  exit 1
fi
