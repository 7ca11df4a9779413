# Page zero of a control program whose guest the machine executes. What interrupts has ended interpretive execution, and the
# guest's registers are in its state description: each way in begins with an empty stack, and ends in dispatch().

        .section .lowcore, "ax"
        .org    0x00                    # restart new PSW: EC mode, supervisor state, everything disabled
        .long   0x00080000, start + 0x80000000
        .org    0x50                    # interval timer: not used
        .long   0x7FFFFFFF
        .org    0x58                    # new PSWs: external
        .long   0x00080000, external_entry + 0x80000000
        .org    0x60                    # supervisor call: disabled wait
        .long   0x000A0000, 0x80BAD0A0
        .org    0x68                    # program
        .long   0x00080000, program_entry + 0x80000000
        .org    0x70                    # machine check: disabled wait
        .long   0x000A0000, 0x80BAD0C0
        .org    0x78                    # input/output
        .long   0x00080000, io_entry + 0x80000000
        .set    resume_psw, 0x240
        .org    0x400

        .text
        .globl  start, resume

start:  larl    %r15, stack_top - 96
        brasl   %r14, main              # does not come back
external_entry:
        larl    %r15, stack_top - 96
        brasl   %r14, on_external
program_entry:
        larl    %r15, stack_top - 96
        brasl   %r14, on_program
io_entry:
        larl    %r15, stack_top - 96
        brasl   %r14, on_io
resume: lpsw    resume_psw

        .section .note.GNU-stack, "", @progbits
