#!/usr/bin/env bash
# Brings a real Bitcoin node for the tests and prints the path of its `bitcoind`; everything else goes to stderr.
#
#   usage: scripts/bitcoind.sh
#
# In this order: $ATHAR_NODE_BITCOIND, a `bitcoind` on PATH, the one kept from an earlier run, and last a fresh copy
# of Debian's bitcoin-knots. The copy comes with its own C library and is unpacked into a private folder, so nothing
# of the system is changed and no root is needed.
#
# environment:
#   ATHAR_NODE_BITCOIND   a bitcoind to use as it is
#   ATHAR_NODE_SUITE      the Debian suite to take the package from (default: sid)
#   XDG_CACHE_HOME        where the private folder lies (default: ~/.cache)
set -euo pipefail

package=bitcoin-knots
suite=${ATHAR_NODE_SUITE:-sid}
home=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/athar/node-$suite
# Block files are XORed, and `-blocksxor` is known, from this major version on: the tests need both.
version_min=28

say() { printf 'bitcoind.sh: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# The major version of a bitcoind, or nothing where it does not run.
major() { "$1" -version 2>/dev/null | sed -n '1s/.* v\{0,1\}\([0-9]\{1,\}\)\.[0-9].*/\1/p'; }

usable() {
    local found
    found=$(major "$1") || return 1
    [ -n "$found" ] && [ "$found" -ge "$version_min" ]
}

answer() {
    say "using $("$1" -version | head -n 1)"
    printf '%s\n' "$1"
    exit 0
}

if [ -n "${ATHAR_NODE_BITCOIND:-}" ]; then
    usable "$ATHAR_NODE_BITCOIND" ||
        fail "ATHAR_NODE_BITCOIND=$ATHAR_NODE_BITCOIND is no bitcoind of version $version_min or later that runs"
    answer "$ATHAR_NODE_BITCOIND"
fi
if found=$(command -v bitcoind); then
    if usable "$found"; then answer "$found"; fi
    say "$found is older than version $version_min or does not run: passed over"
fi
node=$home/bin/bitcoind
if usable "$node"; then answer "$node"; fi

for tool in apt-get dpkg-deb flock; do
    command -v "$tool" >/dev/null ||
        fail "no bitcoind, and without $tool none can be fetched: install Bitcoin Core or Knots $version_min or later"
done

mkdir -p "$(dirname "$home")"
exec 9>"$home.lock"
flock 9
# another run may have finished while this one waited
if usable "$node"; then answer "$node"; fi

work=$(mktemp -d "$home.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work"/deb "$work"/root "$work"/bin

# the archive that this machine is set up to use already, whatever mirror that is
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "Debian" { print $2; exit }') || true
if [ -z "$mirror" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        awk '/\/debian\/?$/ { print; exit }')
fi
[ -n "$mirror" ] || fail "apt on this machine knows no Debian archive"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || fail "$keys is missing: install debian-archive-keyring"

# An apt of its own: own source, own lists, own cache, and a status file that says that nothing is installed, so that
# every library of the node comes along.
printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$mirror" "$suite" >"$work/apt/sources.list"
: >"$work/apt/status"
own_apt() {
    apt-get -qq \
        -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State="$work/apt" -o Dir::State::Lists="$work/apt/lists" -o Dir::State::status="$work/apt/status" \
        -o Dir::Cache="$work/apt/cache" -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Sandbox::User= \
        -o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}
say "fetching $package ($suite)"
own_apt update >&2
# Of the whole closure only the node and shared libraries are unpacked: it is run, not installed.
mapfile -t wanted < <(own_apt --simulate install "$package" systemd-standalone-sysusers |
    awk -v package="$package" '$1 == "Inst" && ($2 == package || $2 ~ /^lib/) { print $2 }' | sort -u)
[ "${#wanted[@]}" -gt 0 ] || fail "$suite has no $package for $(dpkg --print-architecture)"
(cd "$work/deb" && own_apt download "${wanted[@]}" >&2)
for deb in "$work"/deb/*.deb; do dpkg-deb --extract "$deb" "$work/root"; done

# Wrappers find everything beside themselves, so the folder may be moved as a whole.
loader=$(cd "$work/root" && find . -name 'ld-linux*.so.*' -type f | head -n 1)
triplet=$(cd "$work/root/usr/lib" && find . -maxdepth 1 -name '*-linux-gnu*' -type d | head -n 1)
[ -n "$loader" ] && [ -n "$triplet" ] || fail "the C library is not among the packages of $suite"
for program in bitcoind bitcoin-cli; do
    [ -x "$work/root/usr/bin/$program" ] || continue
    cat >"$work/bin/$program" <<WRAPPER
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/../root
exec "\$root/$loader" --argv0 $program --library-path "\$root/usr/lib/$triplet:\$root/lib/$triplet" "\$root/usr/bin/$program" "\$@"
WRAPPER
    chmod +x "$work/bin/$program"
done
usable "$work/bin/bitcoind" || fail "the $package of $suite does not run here"

rm -rf "$work/apt" "$work/deb" "$home"
mv "$work" "$home"
trap - EXIT
answer "$node"
