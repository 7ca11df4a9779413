**********************************************************************
* PARAVIRT: a kernel that does not do what only the owner of a machine
* may do, but calls an operation for it, by way of a table that is
* filled at the start for the machine found: PARAKERN has it all.
**********************************************************************
         COPY  PARAMAC
PARAVIRT START 0
         GBLB  &DIRECT
&DIRECT  SETB  0
         COPY  PARAKERN
         END
