#!/bin/sh
# The storage of the guest behind it.
exec python3 tools/control-program/alike.py look NEIGHBOR
