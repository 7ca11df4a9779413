#!/bin/bash
# TRANSFER IN CHANNEL.
exec bash checks/look.sh \
    "a TIC to another page" \
    "a TIC whose other bits are on" \
    "a TIC among chained data" \
    "a TIC back: a loop" \
    "a TIC to a TIC" \
    "a TIC as the first CCW" \
    "a TIC out of the guest's storage" \
    "a TIC that is not to a doubleword"
