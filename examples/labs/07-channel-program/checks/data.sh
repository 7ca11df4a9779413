#!/bin/bash
# Where the data lie.
exec bash checks/look.sh \
    "one write in one page" \
    "data across a page boundary" \
    "data across three pages" \
    "a whole page" \
    "data up to the guest's last byte"
