#!/bin/sh
# One entry taken out.
exec python3 tools/control-program/alike.py look PAGES "IPTE AND" "ITS NEIGHBOR"
