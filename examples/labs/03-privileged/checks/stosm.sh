#!/bin/sh
# STORE THEN OR SYSTEM MASK in BC mode.
exec python3 tools/control-program/alike.py look MASKS "STOSM "
