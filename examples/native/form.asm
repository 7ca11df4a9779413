FORM     TITLE 'A form on a display'
* Shows a form on the display at 0C0: the operator enters a name and
* presses ENTER, is greeted, and ends the program with any other key.
* What to watch for: a data stream with orders (set buffer address,
* start field, insert cursor), attention, and read modified, chained to
* the write that shows the answer.
FORM     CSECT
         USING FORM,0
         DC    X'0000000000000200'   restart new PSW
         ORG   FORM+X'78'
         DC    X'0000000000000280'   I/O new PSW
         ORG   FORM+X'200'
         SR    2,2                   nothing entered yet
         LA    1,SHOW
         ST    1,72                  channel-address word
         SIO   X'C0'
         LPSW  WAIT
*
         ORG   FORM+X'280'           an I/O interruption
         TM    68,X'80'              attention?
         BO    KEY
         LPSW  WAIT                  no: a channel program has ended
KEY      LTR   2,2
         BNZ   END
         LA    2,1
         LA    1,ENTERED
         ST    1,72
         SIO   X'C0'
         LPSW  WAIT
END      LPSW  STOP
*
         DS    0D
WAIT     DC    X'8002000000000000'   BC mode, channel 0 enabled, wait
STOP     DC    X'0002000000000000'   disabled wait 0: all is well
SHOW     CCW   5,SCREEN,X'20',SCREENL      erase/write
ENTERED  CCW   6,BUFFER,X'60',14           read modified
         CCW   5,HELLO,X'A0',HELLOL        erase/write, and then ...
         CCW   0,BUFFER+6,X'20',8          ... what was entered
SCREEN   DC    X'C3'                 restore keyboard, reset tags
         DC    X'114040',X'1D60'     row 1: a protected field
         DC    C'NAME:'
         DC    X'1D4013'             an unprotected one, with cursor
         DC    X'1140D6',X'1D60'     where that ends
SCREENL  EQU   *-SCREEN
HELLO    DC    X'C3',X'1D60',C'HELLO '
HELLOL   EQU   *-HELLO
BUFFER   DC    14X'00'               AID, cursor, SBA order, the name
         END   FORM
