#!/bin/sh
exec python3 checks/measure.py program
