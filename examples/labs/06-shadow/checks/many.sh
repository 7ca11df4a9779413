#!/bin/sh
# More segments than there are shadow page tables.
exec python3 tools/control-program/alike.py look PAGES "SEGMENT 16" "SEGMENT 95" "ITS INVALID" "SUM"
