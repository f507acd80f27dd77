#!/usr/bin/env bash
# Brings anvil, a real Ethereum development node, for the tests and prints the path of it; everything else goes to stderr.
#
#   usage: scripts/anvil.sh
#
# In this order: $ATHAR_NODE_ANVIL, an `anvil` on PATH, the one kept from an earlier run, and last a fresh copy of its npm
# package, put into a private folder without running any of its scripts. No root is needed.
#
# environment:
#   ATHAR_NODE_ANVIL   an anvil to use as it is
#   XDG_CACHE_HOME     where the private folder lies (default: ~/.cache)
set -euo pipefail

version=1.7.1
# `anvil_reorg` and traces of whole blocks are there from this major version on
version_min=1
home=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/athar/anvil-$version

say() { printf 'anvil.sh: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# The major version of an anvil, or nothing where it does not run.
major() { "$1" --version 2>/dev/null | sed -n '1s/^anvil.* \([0-9]\{1,\}\)\.[0-9].*/\1/p'; }

usable() {
    local found
    found=$(major "$1") || return 1
    [ -n "$found" ] && [ "$found" -ge "$version_min" ]
}

answer() {
    say "using $("$1" --version | head -n 1)"
    printf '%s\n' "$1"
    exit 0
}

if [ -n "${ATHAR_NODE_ANVIL:-}" ]; then
    usable "$ATHAR_NODE_ANVIL" ||
        fail "ATHAR_NODE_ANVIL=$ATHAR_NODE_ANVIL is no anvil of version $version_min or later that runs"
    answer "$ATHAR_NODE_ANVIL"
fi
if found=$(command -v anvil); then
    if usable "$found"; then answer "$found"; fi
    say "$found is older than version $version_min or does not run: passed over"
fi

case $(uname -sm) in
"Linux x86_64") package=@foundry-rs/anvil-linux-amd64 ;;
"Linux aarch64") package=@foundry-rs/anvil-linux-arm64 ;;
"Darwin x86_64") package=@foundry-rs/anvil-darwin-amd64 ;;
"Darwin arm64") package=@foundry-rs/anvil-darwin-arm64 ;;
*) fail "no anvil, and no package of it for $(uname -sm) is known here: set ATHAR_NODE_ANVIL" ;;
esac
node=$home/node_modules/$package/bin/anvil
if usable "$node"; then answer "$node"; fi

for tool in npm flock; do
    command -v "$tool" >/dev/null || fail "no anvil, and without $tool none can be fetched: install Foundry $version_min or later"
done
mkdir -p "$(dirname "$home")"
exec 9>"$home.lock"
flock 9
# another run may have finished while this one waited
if usable "$node"; then answer "$node"; fi

work=$(mktemp -d "$home.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "fetching $package $version"
npm install --prefix "$work" --silent --no-audit --no-fund --ignore-scripts "$package@$version" >&2
chmod +x "$work/node_modules/$package/bin/anvil"
usable "$work/node_modules/$package/bin/anvil" || fail "the anvil of $package $version does not run here"
rm -rf "$home"
mv "$work" "$home"
trap - EXIT
answer "$node"
