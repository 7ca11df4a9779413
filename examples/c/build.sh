#!/usr/bin/env bash
# Builds a guest written in C: a raw core image that starts with the restart PSW at location 0.
#
#   examples/c/build.sh [-O0|-O1|-O2|-O3|-Os|-g|-Dname=value|-Idirectory]... -o OUT.core FILE.c...
#   build/release/vmcp native --core OUT.core --model s370-158-gcc
#
# Beside OUT.core it leaves OUT.core.elf, for s390x-linux-gnu-objdump -d. Needs Debian's gcc-s390x-linux-gnu.
set -euo pipefail
library=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lib
prefix=${CROSS_COMPILE:-s390x-linux-gnu-}

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

flags=() sources=() out=
while [ $# -gt 0 ]; do
    case $1 in
        -o)
            [ $# -gt 1 ] || fail "-o: expected a file name behind it"
            out=$2
            shift
            ;;
        -*) flags+=("$1") ;;
        *) sources+=("$1") ;;
    esac
    shift
done
[ -n "$out" ] && [ ${#sources[@]} -gt 0 ] || fail "expected -o OUT.core and at least one C file"
command -v "${prefix}gcc" >/dev/null || fail "${prefix}gcc is not installed (Debian: gcc-s390x-linux-gnu)"

# 31-bit ESA/390 code for the first z/Architecture machine; float and double by lib/float.c. Nothing here is
# position-independent, unwound, protected or hosted. Page zero is storage like any other.
machine=(-m31 -mesa -march=z900 -msoft-float)
c=("${machine[@]}" -std=gnu11 -ffreestanding -fno-pic -fno-asynchronous-unwind-tables -fno-stack-protector
    --param=min-pagesize=0 -Wall -Wextra -I"$library")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects=()
compile() { # compile SOURCE FLAG...
    local object=$work/${#objects[@]}.o
    "${prefix}gcc" "${c[@]}" "${@:2}" -c "$1" -o "$object"
    objects+=("$object")
}

compile "$library/start.S"
for source in "${sources[@]}"; do compile "$source" -O2 "${flags[@]}"; done
for source in "$library"/*.c; do compile "$source" -O2 "${flags[@]}" -fno-tree-loop-distribute-patterns -fno-builtin; done
"${prefix}ld" -m elf_s390 --no-warn-rwx-segments -T "$library/guest.ld" "${objects[@]}" -o "$out.elf"
"${prefix}objcopy" -O binary "$out.elf" "$out"
