// DIAGNOSE: the interface of the virtual-machine kind, by which a guest that knows where it runs talks to the
// control program. The code is the second-operand address. GC20-1807 (VM/370 System Programmer's Guide),
// "DIAGNOSE".
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "isa/ebcdic.hpp"
#include "vmcp/control_program.hpp"
#include "vmcp/cp_command.hpp"
#include "vmcp/virtual_cpu.hpp"

namespace vmcp {
namespace {

using isa::ProgramCode;

/// Text in EBCDIC, padded with blanks or cut.
void put_text(uint8_t* out, std::string_view text, size_t length) {
    for (size_t i = 0; i < length; ++i) out[i] = isa::to_ebcdic(i < text.size() ? text[i] : ' ');
}

void put_number(uint8_t* out, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

/// X'00': the extended identification, 40 bytes; the guest's length register says how many it wants.
void store_extended_identification(ControlProgram& cp, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    std::array<uint8_t, 40> block{};
    put_text(&block[0], "VM/370", 8);
    put_number(&block[8], 0x000600, 3);  // Release 6
    block[11] = 0xFF;                    // version code, as STIDP tells it
    put_number(&block[14], cpu.cpu_address(), 2);
    put_text(&block[16], cpu.vm().options.name, 8);
    put_number(&block[24], 0x8000000000000000 >> (cp.machine().cpu_count() - 1), 8);
    const uint32_t wanted = cpu.gpr(r3);
    if (cpu.gpr(r1) % 8 != 0 || wanted == 0) cpu.program_check(ProgramCode::specification);
    const auto length = std::min<uint32_t>(wanted, block.size());
    cpu.store(cpu.gpr(r1) & isa::kAddressMask, block.data(), length);
    cpu.set_gpr(r3, wanted - length);
}

/// X'08': a CP command of the guest's, at most 132 characters; the return code goes to the length register.
void execute_command(ControlProgram& cp, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    const uint32_t length = cpu.gpr(r3) & isa::kAddressMask;
    if (length > 132) cpu.program_check(ProgramCode::specification);
    std::array<uint8_t, 132> bytes;
    if (length != 0) cpu.fetch(cpu.gpr(r1) & isa::kAddressMask, bytes.data(), length);
    std::string text;
    for (uint32_t i = 0; i < length; ++i) text += isa::printable(bytes[i]);
    cpu.set_gpr(r3, execute_cp_command(cp, cpu.vm(), text));
    cpu.set_condition_code(0);
}

/// X'0C': date and time of day, and the CPU time used in microseconds: virtual, and virtual plus overhead.
void store_pseudo_timer(ControlProgram& cp, VirtualCpu& cpu, unsigned r1) {
    const uint32_t at = cpu.gpr(r1) & isa::kAddressMask;
    if (at % 8 != 0) cpu.program_check(ProgramCode::specification);
    const Account& account = cpu.vm().account;
    const CalendarTime time = calendar_time(cp.now());
    std::array<uint8_t, 32> block{};
    put_text(&block[0], time.date, 8);
    put_text(&block[8], time.time, 8);
    put_number(&block[16], static_cast<uint64_t>(account.guest / simulation::kMicrosecond), 8);
    put_number(&block[24],
               static_cast<uint64_t>((account.guest + account.control_program) / simulation::kMicrosecond),
               8);
    cpu.store(at, block.data(), block.size());
}

}  // namespace

void VirtualCpu::diagnose(unsigned r1, unsigned r3, uint32_t code) {
    switch (code) {
        case 0x00: return store_extended_identification(cp_, *this, r1, r3);
        case 0x08: return execute_command(cp_, *this, r1, r3);
        case 0x0C: return store_pseudo_timer(cp_, *this, r1);
        default: program_check(ProgramCode::specification);
    }
}

}  // namespace vmcp
