#include "vmcp/experiment/operand_flow.hpp"

#include <bit>

namespace vmcp::experiment {
namespace {

using isa::Format;
using isa::Op;

uint16_t bit(unsigned r) { return static_cast<uint16_t>(1U << (r & 15)); }

uint32_t base(const TraceStep& step, unsigned r) { return r != 0 ? step.cpu.gpr[r] : 0; }

/// Bytes of an RX operand.
uint32_t width_of(Op op) {
    switch (op) {
        case Op::op_IC:
        case Op::op_STC: return 1;
        case Op::op_LH:
        case Op::op_STH:
        case Op::op_AH:
        case Op::op_SH:
        case Op::op_CH:
        case Op::op_MH:
        case Op::op_EX: return 2;
        case Op::op_CVB:
        case Op::op_CVD:
        case Op::op_LD:
        case Op::op_STD:
        case Op::op_AD:
        case Op::op_SD:
        case Op::op_MD:
        case Op::op_DD:
        case Op::op_CD:
        case Op::op_AW:
        case Op::op_SW: return 8;
        default: return 4;
    }
}

/// Whether the first register is but where the result goes.
bool only_sets(Op op) {
    switch (op) {
        case Op::op_L:
        case Op::op_LH:
        case Op::op_LA:
        case Op::op_BAL:
        case Op::op_BAS:
        case Op::op_BC:
        case Op::op_CVB:
        case Op::op_LR:
        case Op::op_LTR:
        case Op::op_LCR:
        case Op::op_LPR:
        case Op::op_LNR:
        case Op::op_BALR:
        case Op::op_BASR:
        case Op::op_BCR: return true;
        default: return false;
    }
}

/// Whether an SS instruction leaves its first operand alone.
bool only_looks(Op op) { return op == Op::op_CLC || op == Op::op_CP || op == Op::op_TRT; }

void flow_of_rx(const TraceStep& step, const isa::Decoded& d, OperandFlow& flow) {
    const isa::Operands& o = d.operands;
    const StorageRange at{base(step, o.b2) + base(step, o.r2) + o.d2, width_of(d.op)};
    flow.registers |= bit(o.r2) | bit(o.b2);
    if (!only_sets(d.op)) flow.registers |= bit(o.r1);
    if (d.op == Op::op_M || d.op == Op::op_D) flow.registers |= bit(o.r1 + 1);
    switch (d.op) {
        case Op::op_ST:
        case Op::op_STC:
        case Op::op_STH:
        case Op::op_CVD: flow.stored = at, flow.stored_register = o.r1; return;
        case Op::op_STD:
        case Op::op_STE: flow.stored = at; return;
        case Op::op_LA:
        case Op::op_BAL:
        case Op::op_BAS:
        case Op::op_BC:
        case Op::op_BCT: return;
        default: flow.first = at;
    }
}

void flow_of_rs(const TraceStep& step, const isa::Decoded& d, OperandFlow& flow) {
    const isa::Operands& o = d.operands;
    const uint32_t address = base(step, o.b2) + o.d2;
    const uint32_t registers = ((o.r2 - o.r1) & 15) + 1;
    flow.registers |= bit(o.b2);
    switch (d.op) {
        case Op::op_LM:
        case Op::op_LCTL: flow.first = {address, 4 * registers}; return;
        case Op::op_STM: flow.stored = {address, 4 * registers}; break;
        case Op::op_STCTL: flow.stored = {address, 4 * registers}; return;
        case Op::op_CS:
        case Op::op_CDS: flow.first = flow.stored = {address, d.op == Op::op_CS ? 4U : 8U}; break;
        case Op::op_ICM:
        case Op::op_CLM: flow.first = {address, static_cast<uint32_t>(std::popcount(o.r2))}; break;
        case Op::op_STCM:
            flow.stored = {address, static_cast<uint32_t>(std::popcount(o.r2))};
            flow.registers |= bit(o.r1);
            return;
        default: break;
    }
    // Shifts of two registers, BXH and its pair, ranges.
    for (unsigned i = 0; i < registers; ++i) flow.registers |= bit(o.r1 + i);
    flow.registers |= bit(o.r1 + 1) | bit(o.r2 | 1);
}

void flow_of_ss(const TraceStep& step, const isa::Decoded& d, OperandFlow& flow) {
    const isa::Operands& o = d.operands;
    const bool two = d.row().format == Format::SS_LL || d.row().format == Format::SS_LI;
    const uint32_t length = two ? o.r1 + 1U : static_cast<uint32_t>(o.imm & 0xFF) + 1;
    const uint32_t second = d.op == Op::op_TR || d.op == Op::op_TRT ? 256
                            : d.row().format == Format::SS_LL       ? o.r2 + 1U
                            : d.row().format == Format::SS_LI       ? 0
                                                                    : length;
    const StorageRange to{base(step, o.b1) + o.d1, length};
    flow.registers |= bit(o.b1) | bit(o.b2);
    const bool moves = d.op == Op::op_MVC || d.op == Op::op_MVCIN || d.op == Op::op_PACK ||
                       d.op == Op::op_UNPK || d.op == Op::op_ZAP;
    const bool clears = d.op == Op::op_XC && o.b1 == o.b2 && o.d1 == o.d2;
    if (!clears && second != 0) flow.second = StorageRange{base(step, o.b2) + o.d2, second};
    if (clears) flow.second.reset();
    if (!moves && !clears) flow.first = to;
    if (d.op == Op::op_TRT) flow.registers |= bit(1) | bit(2);
    if (!only_looks(d.op)) flow.stored = to;
}

}  // namespace

OperandFlow flow_of(const TraceStep& step) {
    OperandFlow flow;
    const bool execute = step.instruction.op == Op::op_EX;
    if (execute) flow_of_rx(step, step.instruction, flow);
    const isa::Decoded& d = step.subject;
    if (d.op == Op::invalid || (execute && d.op == Op::op_EX)) return flow;
    const isa::Operands& o = d.operands;
    const auto at_second = [&] { return base(step, o.b2) + o.d2; };
    switch (d.row().format) {
        case Format::RX:
        case Format::RX_M:
        case Format::RXE: flow_of_rx(step, d, flow); break;
        case Format::RS:
        case Format::RS_R:
        case Format::RS_M:
        case Format::RSE: flow_of_rs(step, d, flow); break;
        case Format::SI:
        case Format::SI_S: {
            const bool looks = d.op == Op::op_TM || d.op == Op::op_CLI || d.op == Op::op_SSM;
            const StorageRange at{base(step, o.b1) + o.d1, d.op == Op::op_LPSW ? 8U : 1U};
            flow.registers |= bit(o.b1);
            if (d.op != Op::op_MVI && d.op != Op::op_MC) flow.first = at;
            if (!looks && d.op != Op::op_LPSW && d.op != Op::op_MC) flow.stored = at;
            break;
        }
        case Format::S:
            flow.registers |= bit(o.b2);
            switch (d.op) {
                case Op::op_STCK:
                case Op::op_STPT:
                case Op::op_STCKC:
                case Op::op_STIDP: flow.stored = {at_second(), 8}; break;
                case Op::op_SPT:
                case Op::op_SCK:
                case Op::op_SCKC: flow.first = {at_second(), 8}; break;
                default: break;
            }
            break;
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI: flow_of_ss(step, d, flow); break;
        case Format::E:
        case Format::RR_I:
        case Format::S_0: break;
        default:  // of registers
            flow.registers |= bit(o.r2);
            if (!only_sets(d.op)) flow.registers |= bit(o.r1);
            if (d.row().requires_ != isa::none) flow.registers |= bit(o.r1 + 1) | bit(o.r2 + 1);
            if (d.op == Op::op_MVCL || d.op == Op::op_CLCL) {
                const StorageRange to{step.cpu.gpr[o.r1 & 15], step.cpu.gpr[(o.r1 + 1) & 15] & 0xFFFFFF};
                flow.second = {step.cpu.gpr[o.r2 & 15], step.cpu.gpr[(o.r2 + 1) & 15] & 0xFFFFFF};
                if (d.op == Op::op_CLCL)
                    flow.first = to;
                else
                    flow.stored = to;
            }
    }
    switch (d.op) {
        case Op::op_BC:
        case Op::op_BCR:
        case Op::op_BAL:
        case Op::op_BALR:
        case Op::op_BRC:
        case Op::op_BRCL:
        case Op::op_IPM: flow.condition = true; break;
        default: break;
    }
    return flow;
}

}  // namespace vmcp::experiment
