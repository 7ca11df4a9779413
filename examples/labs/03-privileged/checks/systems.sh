#!/bin/sh
# Whole guests, as on the bare machine; and none of them has trapped more often than it must.
for guest in PRIVOP SELFCHK TASKS; do python3 tools/control-program/alike.py look $guest || exit $?; done
exec python3 tools/control-program/alike.py count PRIVOP TRAPS 80 100
