#!/bin/sh
# Pages that are not.
exec python3 tools/control-program/alike.py look PAGES "INVALID" "PAGE BEHIND" "SEGMENT BEHIND" "FRAME BEYOND" "NO SUCH" "TABLE BEYOND"
