#!/bin/sh
# All entries taken out: PTLB, and a change of control register 1.
exec python3 tools/control-program/alike.py look PAGES "PTLB" "OTHER" "AND BACK"
