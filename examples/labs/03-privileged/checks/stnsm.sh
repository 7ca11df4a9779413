#!/bin/sh
# STORE THEN AND SYSTEM MASK in BC mode.
exec python3 tools/control-program/alike.py look MASKS "STNSM "
