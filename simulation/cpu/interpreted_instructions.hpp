// What interpretive execution does with each privileged or semi-privileged instruction: executes it, or comes
// out with it. docs/interpretive-execution.md has the table for people.
#pragma once

#include <array>
#include <optional>

#include "isa/instruction.hpp"
#include "simulation/cpu/intercept_set.hpp"

namespace simulation {

struct Interpreted {
    enum class Part : uint8_t {
        out,      // always the control program's
        psw,      // loads or changes the PSW
        plain,    // changes nothing that the machine was told when the guest was entered
        clock,    // reads or sets a clock
        context,  // control registers, the prefix, the address space
        hosting,  // of interpretive execution, for a guest that may have guests
    };
    Part part = Part::out;
    std::optional<Intercept> control = {};  // what may make it come out

    /// Whether it comes out with this instruction, whatever the guest's state is. `may_host`: the guest may
    /// have guests of its own.
    bool comes_out(const InterceptSet& intercepts, bool may_host = false) const {
        return part == Part::out || (part == Part::hosting && !may_host) ||
               (control && intercepts.has(*control));
    }
};

constexpr Interpreted interpreted(isa::Op op) {
    using isa::Op;
    using Part = Interpreted::Part;
    switch (op) {
        case Op::op_SSM:
        case Op::op_STNSM:
        case Op::op_STOSM: return {Part::psw, Intercept::masks};
        case Op::op_LPSW: return {Part::psw, Intercept::psw};
        case Op::op_LCTL: return {Part::context, Intercept::control};
        case Op::op_STCTL: return {Part::plain, Intercept::control};
        case Op::op_ISK:
        case Op::op_SSK:
        case Op::op_RRB:
        case Op::op_ISKE:
        case Op::op_SSKE:
        case Op::op_RRBE: return {Part::plain, Intercept::keys};
        case Op::op_SCKC:
        case Op::op_STCKC:
        case Op::op_SPT:
        case Op::op_STPT: return {Part::clock, Intercept::clocks};
        case Op::op_LRA:
        case Op::op_IPK:
        case Op::op_SPKA:
        case Op::op_PTLB:
        case Op::op_IPTE:
        case Op::op_STPX:
        case Op::op_STAP:
        case Op::op_STIDP:
        case Op::op_TPROT:
        case Op::op_EPAR:
        case Op::op_ESAR:
        case Op::op_IAC:
        case Op::op_IVSK: return {Part::plain};
        case Op::op_SPX:
        case Op::op_LASP:
        case Op::op_PC:
        case Op::op_PT:
        case Op::op_SAC:
        case Op::op_SSAR: return {Part::context};
        case Op::op_SIE:
        case Op::op_LSD:
        case Op::op_STSD:
        case Op::op_CLSD:
        case Op::op_RSDF:
        case Op::op_WSDF:
        case Op::op_QIE:
        case Op::op_QAS:
        case Op::op_PGTLB: return {Part::hosting};
        // SCK, TB, SIGP, DIAGNOSE, direct control, all I/O; and moves between spaces, which VMCP's control
        // program does where a page may be missing in the middle.
        default: return {};
    }
}

/// By isa::Op.
inline constexpr std::array<Interpreted, isa::kRowCount> kInterpreted = [] {
    std::array<Interpreted, isa::kRowCount> table{};
    for (unsigned i = 0; i < isa::kRowCount; ++i) table[i] = interpreted(static_cast<isa::Op>(i));
    return table;
}();

}  // namespace simulation
