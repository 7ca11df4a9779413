**********************************************************************
* TALKER: says lines to another machine over a channel-to-channel
* adapter, or listens and shows what it hears.
*
* What one side writes the other side reads, and whoever comes first
* waits: the adapter has no storage of its own. Who is waited for gets
* an attention interruption, which tells that it is time to answer;
* this program answers sooner or later in any case, and needs it not.
*
* Parameters, words:
*   3F0  how many lines to say (0: listen until the other side ends)
*
* Watch for: which side waits. Give one of the two more to do, or less
* of the CPU, and the other one waits for it at every line.
*
* Ends in a disabled wait: address 000000: all is said; 00DEAD: there
* is nobody at the other end, or no adapter; DEADxx: see LOWCORE;
* DEAD09: console.
* Needs: console 009, channel-to-channel adapter 0E0; 8K of storage.
**********************************************************************
TALKER   START 0
         COPY  EQUATES
ADAPTER  EQU   X'0E0'
         COPY  LOWCORE
         ORG   LOWCORE+PARM1
NLINES   DC    F'0'
         ORG   LOWCORE+X'400'
BEGIN    BALR  R12,0
         USING *,R12
         L     R5,NLINES
         LTR   R5,R5
         BZ    LISTEN
*
* One side speaks.
*
         SR    R6,R6
SPEAK    LA    R6,1(,R6)
         CVD   R6,NUMBER
         UNPK  LINENO,NUMBER+5(3)
         OI    LINENO+4,X'F0'
         LA    R1,WRITECCW
         BAL   R14,EXCHANGE
         BCT   R5,SPEAK
         MVC   LINE,=CL20'* END'
         LA    R1,WRITECCW
         BAL   R14,EXCHANGE
         LPSW  WELL
*
* The other one listens.
*
LISTEN   LA    R1,READCCW
         BAL   R14,EXCHANGE
         CLC   LINE(5),=C'* END'
         BE    HEARD
         LA    R2,LINE
         LA    R3,L'LINE
         BAL   R14,CONWRITE
         B     LISTEN
HEARD    LPSW  WELL
*
* Executes the channel program at R1, and comes back when it has ended.
*
EXCHANGE MVC   IONEW(8),EXCHPSW
EXCHNEXT MVI   EXCHGOES,X'00'
         ST    R1,CAW
         SIO   ADAPTER
         BC    1,SILENCE           3: there is no adapter
         BC    2,EXCHWAIT          2: it has something to tell first
         BC    4,EXCHSTAT          1: it has told
         MVI   EXCHGOES,X'01'      0: started
EXCHWAIT LPSW  EXCHIDLE
EXCHSTAT TM    CSW+4,BUSY          attention: the other side is there
         BO    EXCHNEXT            already. Start again
         B     SILENCE
EXCHINT  TM    CSW+4,UNITCHK
         BO    SILENCE
         CLI   EXCHGOES,X'00'
         BE    EXCHNEXT
         TM    CSW+4,DEVEND        attention alone is no end
         BZ    EXCHWAIT
         BR    R14
SILENCE  LA    R2,NOBODY
         LA    R3,L'NOBODY
         BAL   R14,CONWRITE
         LPSW  ILL
*
WELL     DC    0D'0',X'00020000',A(0)
ILL      DC    0D'0',X'00020000',A(X'DEAD')
EXCHIDLE DC    0D'0',X'80020000',A(0)         wait, channel 0 enabled
EXCHPSW  DC    0D'0',X'00000000',A(EXCHINT)
NUMBER   DS    D
WRITECCW CCW   X'01',LINE,0,20
READCCW  CCW   X'02',LINE,0,20
EXCHGOES DC    X'00'               01: the channel program is started
LINE     DC    CL20'LINE 00000 FOR YOU'
         ORG   LINE+5
LINENO   DS    CL5
         ORG
NOBODY   DC    C'TALKER: NOBODY AT THE OTHER END'
         LTORG
         COPY  CONSOLE
         END
