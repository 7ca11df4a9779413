#!/bin/sh
# Pages that are there.
exec python3 tools/control-program/alike.py look PAGES "FIRST PAGE" "SECOND PAGE" "LAST PAGE" "PAGE 9" "PAGE THAT HAS COME"
