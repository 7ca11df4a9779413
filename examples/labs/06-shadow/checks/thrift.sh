#!/bin/sh
# Entries are not made more often than it must be.
exec python3 tools/control-program/alike.py count CHURNER SHADOW 150 175
