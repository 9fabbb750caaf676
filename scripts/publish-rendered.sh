#!/usr/bin/env bash
# Commits the service that a release renders by default to the branch `rendered`, as `my-service/`.
# It is in a folder of its own, so that the workflows of the service never run on that branch.
# Usage, in a clone of the template: scripts/publish-rendered.sh ADDRESS VERSION
set -euo pipefail

address=$1 version=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

copier copy --defaults --quiet --vcs-ref "$version" "$address" "$folder/my-service"

repository=$(git rev-parse --absolute-git-dir)
git_here() { GIT_INDEX_FILE=$folder/index git --git-dir "$repository" --work-tree "$folder" -C "$folder" "$@"; }
git_here add my-service
tree=$(git_here write-tree)

parent=$(git ls-remote origin refs/heads/rendered | cut -f 1)
if [ -n "$parent" ]; then
    git fetch --quiet --depth 1 origin "$parent"
    [ "$(git rev-parse "$parent^{tree}")" != "$tree" ] || exit 0
fi
commit=$(git commit-tree -m "Render $version" ${parent:+-p "$parent"} "$tree")
git push --quiet origin "$commit:refs/heads/rendered"
