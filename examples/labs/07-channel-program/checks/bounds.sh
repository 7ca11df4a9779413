#!/bin/bash
# Data beyond the guest's storage.
exec bash checks/look.sh \
    "data one byte beyond the guest's storage" \
    "data that end far beyond" \
    "data at the end of 16 MiB"
