#!/usr/bin/env bash
# Annotates the files of a pull request with what is wrong. The program is on the PATH, for example from `pip install`.
set -euo pipefail
if ! command -v bedrock-fixtures > /dev/null; then
  echo "::error::bedrock-fixtures is not installed; run \`pip install bedrock-fixtures\` in a step before this one"
  exit 2
fi
bedrock-fixtures verify --root "$ROOT" --format github
