#!/bin/sh
# The same in EC mode, with translation on.
exec python3 tools/control-program/alike.py look MASKEC
