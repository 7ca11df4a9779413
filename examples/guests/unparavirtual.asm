**********************************************************************
* UNPARAVI: the kernel of PARAKERN as it would have been written for
* the bare machine, without an operations table: what PARAVIRT is
* compared with. The parameter at 3F4 means nothing here.
**********************************************************************
         COPY  PARAMAC
PARAVIRT START 0
         GBLB  &DIRECT
&DIRECT  SETB  1
         COPY  PARAKERN
         END
