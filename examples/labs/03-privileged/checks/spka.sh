#!/bin/sh
# SET PSW KEY FROM ADDRESS.
exec python3 tools/control-program/alike.py look MASKS "SPKA "
