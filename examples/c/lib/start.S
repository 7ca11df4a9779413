# What a C guest begins with: page zero, the way into main() and out of it, and the wait for interruptions.
# GNU assembler source (s390x-linux-gnu-gcc -m31 -mesa); the Principles of Operation, GA22-7000 chapter 4, tells what
# the locations of page zero mean.
#
# Every PSW has bit 32 on, so that LOAD ADDRESS yields 31 bits, as gcc expects of it: docs/guests-in-c.md.

        .section .lowcore, "ax"
        .org    0x00                    # restart new PSW: EC mode, supervisor state, everything disabled
        .long   0x00080000, start + 0x80000000
        .org    0x50                    # interval timer: no interruption in the next hours
        .long   0x7FFFFFFF
        .org    0x58                    # external new PSW
        .long   0x00080000, external_interruption + 0x80000000
        .org    0x60                    # supervisor-call new PSW: nobody calls
        .long   0x000A0000, 0x80BAD0A0
        .org    0x68                    # program new PSW
        .long   0x00080000, program_interruption + 0x80000000
        .org    0x70                    # machine-check new PSW: disabled wait
        .long   0x000A0000, 0x80BAD0C0
        .org    0x78                    # input/output new PSW
        .long   0x00080000, io_interruption + 0x80000000
        .org    0x200

        .text
        .globl  start, wait_for_interruption, finish
        .cfi_sections .debug_frame      # for debuggers; it is not loaded

# From the restart PSW: clears what C expects to be zero, then calls main().
start:  .cfi_startproc
        .cfi_undefined %r14             # nobody called it
        larl    %r15, stack_top
        ahi     %r15, -96               # main() may save registers in its caller's frame
        larl    %r2, bss_begin
        larl    %r3, bss_end
        sr      %r3, %r2
        slr     %r5, %r5                # second operand: nothing, padded with zeros
        lr      %r4, %r2
1:      mvcle   %r2, %r4, 0
        jo      1b
        brasl   %r14, main              # its result comes in register 2
        .cfi_endproc

# void finish(unsigned result): ends the program in a disabled wait whose address is the result, 24 bits.
finish: .cfi_startproc
        larl    %r1, wait_psw
        sll     %r2, 8
        srl     %r2, 8
        st      %r2, 4(%r1)
        lpsw    0(%r1)
        .cfi_endproc

# Interruption wait_for_interruption(void): waits, enabled for input/output and external interruptions, and says
# which it was: the device address, or X'10000' plus the external code. The registers are those of the caller: nothing
# ran in between.
wait_for_interruption:
        .cfi_startproc
        larl    %r1, enabled_wait_psw
        lpsw    0(%r1)
io_interruption:
        slr     %r2, %r2
        icm     %r2, 3, 0xBA            # input/output address, EC mode
        br      %r14
external_interruption:
        lhi     %r2, 1
        sll     %r2, 16
        icm     %r2, 3, 0x86            # external code, EC mode
        br      %r14
        .cfi_endproc

# A program check ends the program: disabled wait at X'BAD000' plus the interruption code.
program_interruption:
        .cfi_startproc
        .cfi_undefined %r14
        larl    %r1, program_check_psw
        mvc     6(2, %r1), 0x8E
        oi      6(%r1), 0xD0
        lpsw    0(%r1)
        .cfi_endproc

        .data
        .balign 8
wait_psw:
        .long   0x000A0000, 0
enabled_wait_psw:                       # masks: input/output, external; resumes nowhere
        .long   0x030A0000, 0x80000000
program_check_psw:
        .long   0x000A0000, 0x00BA0000

        .section .note.GNU-stack, "", @progbits
