// DIAGNOSE X'14': files of a machine's reader queue, read page by page, without channel programs. GC20-1807
// (VM/370 System Programmer's Guide), "Input Spool File Manipulation".
#pragma once

#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

/// R1 a buffer, a number of copies or the number of a file; R3, which is even, the reader, or for X'0FFF' a
/// file; R3 + 1 the function. Condition code 0; 1 end of file, or no more; 2 no such file, or none active; 3
/// with the reason in R3 + 1: 4 there is no such device, 8 it is no reader, 12 it is busy or a real one, 20
/// the buffer is locked for input or output.
void input_spool(Nucleus& nucleus, VirtualCpu& cpu, unsigned r1, unsigned r3);

}  // namespace vmcp
