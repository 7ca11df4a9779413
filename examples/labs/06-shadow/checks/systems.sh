#!/bin/sh
# Whole systems, as on the bare machine.
for guest in PAGING CHURNER; do python3 tools/control-program/alike.py look $guest || exit $?; done
