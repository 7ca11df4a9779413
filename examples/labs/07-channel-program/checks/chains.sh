#!/bin/bash
# Chained commands and data.
exec bash checks/look.sh \
    "chained commands and their flags" \
    "chained data" \
    "a program across a page boundary"
