#!/bin/sh
# SET SYSTEM MASK in BC mode.
exec python3 tools/control-program/alike.py look MASKS "SSM "
