**********************************************************************
* MASKEC: the same as MASKS in EC mode, most of it with translation on.
* Pages 0 and 1 lead to themselves, 5 to frame 3; page 6 is invalid.
*
* Ends in a disabled wait at 000000; DEADxx: see ECLOW.
* Needs: console 009, 16K of storage, the facility translation.
**********************************************************************
         COPY  PROBEMAC
MASKEC   START 0
         COPY  EQUATES
         COPY  ECLOW
MODE     EQU   X'08'
CCBYTE   EQU   2
CODEAT   EQU   PGMCODE
PLACE    EQU   X'5000'
REALPLC  EQU   X'3000'
GUARDED  EQU   X'3800'
INVALID  EQU   X'6000'
         ORG   LOWCORE+PGMNEW
         DC    X'00080000',A(ONPGM)
         ORG   LOWCORE+SVCNEW
         DC    X'00080000',A(ONSVC)
         ORG   LOWCORE+X'400'
BEGIN    LCTL  0,1,CR0
         L     R2,=A(REALPLC)
         LA    R3,X'50'
         SSK   R3,R2
*
         PROBE 'SSM 07',MASK=04,WITH=07
         SSM   0(R1)
         SVC   0
         PROBE 'SSM TRANSLATION ON',WITH=04,AT=REALPLC
         SSM   0(R1)
         SVC   0
         PROBE 'SSM TRANSLATION OFF',MASK=06,WITH=02
         SSM   0(R1)
         SVC   0
         PROBE 'SSM INVALID PAGE',MASK=04,AT=INVALID
         SSM   0(R1)
         SVC   0
         PROBE 'SSM 0C: NO SUCH MASK',MASK=04,WITH=0C
         SSM   0(R1)
         SVC   0
         PROBE 'STNSM 05',MASK=07,WITH=AA
         STNSM 0(R1),X'05'
         SVC   0
         PROBE 'STNSM INVALID PAGE',MASK=07,AT=INVALID
         STNSM 0(R1),X'00'
         SVC   0
         PROBE 'STOSM 03',MASK=04,WITH=AA
         STOSM 0(R1),X'03'
         SVC   0
         PROBE 'STOSM 10: NO SUCH MASK',MASK=04,WITH=AA
         STOSM 0(R1),X'10'
         SVC   0
         PROBE 'SPKA B0',MASK=06,AT=X'B0'
         SPKA  0(R1)
         SVC   0
         LPSW  WELL
*
CR0      DC    0F'0',X'00800000'   4K pages, 64K segments
CR1      DC    X'00',AL3(SEGMENTS) 16 segments
WELL     DC    0D'0',X'000A0000',A(0)
         COPY  PROBES
         COPY  ECCON
         LTORG
         ORG   LOWCORE+X'1000'
SEGMENTS DC    X'F0',AL3(PAGES)
         DC    15X'00000001'
PAGES    DC    X'0000,0010,0008,0008,0008,0030,0008,0008'
         DC    8X'0008'
         END
