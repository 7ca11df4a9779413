**********************************************************************
* ECHO: a conversation at the console.
*
* Prompts, waits until the operator presses the request key, reads a
* line, types it again in upper case, and so on until the line is END.
*
* Shows: input that nobody asked for. The request key gives an
* attention interruption; only then the program starts a read (read
* inquiry), which lasts as long as the operator types. The residual
* count in the CSW tells how long the line is. Most of the time the
* guest sits in an enabled wait, which costs a control program nothing;
* its response time is what the operator notices.
*
* Ends in a disabled wait: address 000000: after END; DEADxx:
* unexpected interruption (see LOWCORE), DEAD09: console.
* Needs: console 009 with somebody (or a script) at it.
**********************************************************************
ECHO     START 0
         COPY  EQUATES
         COPY  LOWCORE
         ORG   LOWCORE+X'400'
*
BEGIN    LA    R2,PROMPT
         LA    R3,L'PROMPT
         BAL   R14,CONWRITE
*
* Wait for attention. CONSOLE has noted it if it came in the meantime.
* The wait is disabled until its PSW is loaded: an attention between
* test and wait stays pending, and is not lost.
*
LISTEN   CLI   CONATTN,X'00'
         BNE   HEARD
         MVC   IONEW(8),ATTNPSW
         LPSW  ATTNWAIT
ATTNINT  CLC   IOOLD+2(2),CONADDR
         BNE   LISTEN
         TM    CSW+4,ATTN
         BZ    LISTEN
HEARD    MVI   CONATTN,X'00'
         LA    R1,READLINE
         BAL   R14,CONIO
         TM    CSW+4,UNITEXC       the operator pressed cancel
         BO    LISTEN
         LA    R3,L'LINE
         SH    R3,CSW+6            less what is left: the length
         BP    UPPER
         MVI   LINE,C' '           nothing: make it a blank
         LA    R3,1
UPPER    TR    LINE,UPCASE
         LA    R4,3
         CR    R3,R4
         BNE   AGAIN
         CLC   LINE(3),=C'END'
         BE    GOODBYE
AGAIN    LA    R2,LINE
         BAL   R14,CONWRITE
         B     LISTEN
GOODBYE  LA    R2,BYELINE
         LA    R3,L'BYELINE
         BAL   R14,CONWRITE
         LPSW  WELL
*
WELL     DC    0D'0',X'00020000',A(0)
ATTNWAIT DC    0D'0',X'80020000',A(0)
ATTNPSW  DC    0D'0',X'00000000',A(ATTNINT)
READLINE CCW   READINQ,LINE,SLI,L'LINE
PROMPT   DC    C'ECHO: TYPE A LINE (END ENDS)'
BYELINE  DC    C'ECHO: GOOD BYE'
LINE     DS    CL72
         COPY  UPCASE
         COPY  CONSOLE
         LTORG
         END
