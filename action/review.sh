#!/usr/bin/env bash
# Compares the recordings with BASE: one comment, which is written anew each time, and the page.
set -euo pipefail
marker='<!-- bedrock-fixtures diff -->'
folder=$(mktemp -d)
page=$folder/recordings.html comment=$folder/comment.md
if ! git cat-file -e "$BASE^{commit}" 2> /dev/null; then
  git fetch --quiet --depth=1 origin "$BASE"
fi
if bedrock-fixtures diff --root "$ROOT" --exit-code --stat "$BASE..HEAD" > /dev/null; then
  changed=false
  bedrock-fixtures diff --root "$ROOT" --format markdown "$BASE..HEAD" > "$comment"
else
  changed=true
  bedrock-fixtures diff --root "$ROOT" --format html --output "$page" "$BASE..HEAD"
  bedrock-fixtures diff --root "$ROOT" --format markdown --page-url "$RUN_URL#artifacts" "$BASE..HEAD" > "$comment"
  echo "page=$page" >> "$GITHUB_OUTPUT"
fi
cat "$comment" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
[ "$COMMENT" = true ] && [ -n "${NUMBER:-}" ] || exit 0
old=$(gh api --paginate "repos/$GH_REPO/issues/$NUMBER/comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | head -n 1)
if [ -n "$old" ]; then
  gh api --silent --method PATCH "repos/$GH_REPO/issues/comments/$old" -F "body=@$comment"
elif [ "$changed" = true ]; then
  gh api --silent --method POST "repos/$GH_REPO/issues/$NUMBER/comments" -F "body=@$comment"
fi
