#!/bin/sh
# What the given systems do not show: a page table that two segments have.
exec python3 tools/control-program/alike.py look PAGES "SHARED" "IPTE, " "IPTE BY"
