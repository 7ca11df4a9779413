**********************************************************************
* HELLO: three lines on the console.
*
* Shows how a System/370 program does input/output:
*   1. It puts the address of a channel program (a list of CCWs) into
*      the channel address word at location 48.
*   2. START I/O hands the channel program to the channel, which
*      executes it while the CPU goes on.
*   3. The program has nothing else to do, so it loads a PSW with the
*      wait bit on, enabled for interruptions from channel 0.
*   4. When the device has ended, the I/O interruption stores the PSW
*      at location 38 (with the device's address in it) and the
*      channel status word at location 40, and loads the new PSW from
*      location 78.
*
* Watch for: SIO and LPSW are privileged. As the guest of a control
* program every one of them traps; the guest does not notice. The
* second channel program types two lines with one SIO by command
* chaining: compare the number of traps.
*
* Ends in a disabled wait: address 000000: well; 00DEAD: the console
* refused or reported an error; DEADxx: unexpected interruption (see
* LOWCORE). Needs: console 009.
**********************************************************************
HELLO    START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+IONEW
         DC    X'00000000',A(IOINT)    go on at IOINT, disabled
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R1,GREETING
         BAL   R14,DOIO            one line
         LA    R1,TWOLINES
         BAL   R14,DOIO            two lines, chained
         LPSW  WELL
*
* DOIO: executes the channel program at R1 on the console, and returns
* through R14 when it has ended.
*
DOIO     ST    R1,CAW
         SIO   CONSOLE
         BC    7,FAILED            condition code 0 is: started
WAITFOR  LPSW  ENABLED             wait: nothing to do until ...
IOINT    TM    CSW+4,UNITCHK       ... the interruption comes here
         BO    FAILED
         TM    CSW+5,CHANERR       errors that the channel found
         BNZ   FAILED
         TM    CSW+4,DEVEND        the typewriter has come to rest?
         BZ    WAITFOR             no, only the channel has ended
         BR    R14
FAILED   LPSW  BAD
*
* PSWs: system mask, key and mode, interruption code, address.
*
ENABLED  DC    0D'0',X'80020000',A(0)         wait; channel 0 enabled
WELL     DC    0D'0',X'00020000',A(0)         wait; disabled: the end
BAD      DC    0D'0',X'00020000',A(X'DEAD')
*
* Channel programs.
*
GREETING CCW   WRITEACR,LINE1,SLI,L'LINE1
TWOLINES CCW   WRITEACR,LINE2,CC+SLI,L'LINE2
         CCW   WRITEACR,LINE3,SLI,L'LINE3
*
LINE1    DC    C'HELLO FROM A SYSTEM/370'
LINE2    DC    C'THIS LINE AND THE NEXT ONE TOOK A SINGLE SIO'
LINE3    DC    C'GOOD BYE'
         END
