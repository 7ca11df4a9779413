#!/usr/bin/env bash
# Host instructions a trap: callgrind counts two runs of a guest that differ in the number of its traps, and the same
# loop without them. Counts repeat exactly, whatever else the host does.
#
# usage: bench/trap_instructions.sh [KEY...]     (bench_traps names the keys; all that docs/performance.md shows without any)
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${VMCP_TRAPS:-build/release/bench_traps}
[ -x "$program" ] || { echo "trap_instructions: $program is not there: ./dev bench builds it" >&2; exit 1; }
command -v valgrind >/dev/null || { echo "trap_instructions: valgrind is not installed" >&2; exit 1; }

copies=8 rounds=200

count() { # KEY ROUNDS [empty]: instructions of one run
    local out
    out=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1) || { grep -v "^==" <<<"$out" >&2; exit 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' <<<"$out"
}
loop() { # KEY [empty]: instructions of $rounds rounds
    local few many
    few=$(count "$1" 100 "${@:2}")
    many=$(count "$1" $((100 + rounds)) "${@:2}")
    echo $((many - few))
}
trap_cost() { # KEY: instructions of one trap, rounded
    local with without
    with=$(loop "$1") without=$(loop "$1" empty)
    echo $(((with - without + copies * rounds / 2) / (copies * rounds)))
}

[ $# -gt 0 ] || set -- ssm stnsm stosm lpsw svc stpt sio shadow
printf '%-28s %12s\n' 'trap' 'host instr.'
lpsw=
for key in "$@"; do
    cost=$(trap_cost "$key")
    case $key in
        lpsw) lpsw=$cost ;;
        svc | operation) cost=$((cost - ${lpsw:=$(trap_cost lpsw)})) ;;      # the handler's LPSW is another trap
        shadow) cost=$((cost - $(trap_cost ipte))) ;;                        # the IPTE that brings it about, too
    esac
    printf '%-28s %12s\n' "$key" "$cost"
done
