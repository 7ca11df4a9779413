**********************************************************************
* The contents of the named segment TABLES of shared-segment.toml:
* 4096 words of 7. No program.
**********************************************************************
TABLES   START 0
         DC    4096F'7'
         END
