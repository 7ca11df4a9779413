#include "vmcp/experiment/ending_hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/missing_facility.hpp"
#include "vmcp/experiment/operand_flow.hpp"

namespace vmcp::experiment {
namespace {

using isa::Format;
using isa::InterruptionClass;
using isa::Op;
using isa::ProgramCode;

bool sets_condition(Op op) {
    switch (op) {
        case Op::op_AR:
        case Op::op_A:
        case Op::op_AH:
        case Op::op_ALR:
        case Op::op_AL:
        case Op::op_AP:
        case Op::op_NR:
        case Op::op_N:
        case Op::op_NI:
        case Op::op_NC:
        case Op::op_OR:
        case Op::op_O:
        case Op::op_OI:
        case Op::op_OC:
        case Op::op_XR:
        case Op::op_X:
        case Op::op_XI:
        case Op::op_XC:
        case Op::op_CR:
        case Op::op_C:
        case Op::op_CH:
        case Op::op_CP:
        case Op::op_CS:
        case Op::op_CDS:
        case Op::op_CLR:
        case Op::op_CL:
        case Op::op_CLI:
        case Op::op_CLC:
        case Op::op_CLM:
        case Op::op_CLCL:
        case Op::op_LCR:
        case Op::op_LNR:
        case Op::op_LPR:
        case Op::op_LTR:
        case Op::op_SR:
        case Op::op_S:
        case Op::op_SH:
        case Op::op_SLR:
        case Op::op_SL:
        case Op::op_SP:
        case Op::op_SLA:
        case Op::op_SRA:
        case Op::op_SLDA:
        case Op::op_SRDA:
        case Op::op_SRP:
        case Op::op_TM:
        case Op::op_TS:
        case Op::op_TRT:
        case Op::op_ICM:
        case Op::op_MVCL:
        case Op::op_ZAP:
        case Op::op_ED:
        case Op::op_EDMK: return true;
        default: return false;
    }
}

/// Instructions that the condition code may come from without our seeing it, or that may end a loop.
bool hides_something(const isa::Decoded& d) {
    if (d.op == Op::invalid) return true;
    const isa::Row& row = d.row();
    if (row.privilege != isa::Privilege::problem || row.ends == isa::Ends::mode) return true;
    if (row.facility == isa::Facility::gcc || row.facility == isa::Facility::floating_point ||
        row.facility == isa::Facility::extended_float)
        return true;
    switch (d.op) {
        case Op::op_EX:
        case Op::op_SVC:
        case Op::op_BAL:
        case Op::op_BALR:
        case Op::op_BAS:
        case Op::op_BASR:
        case Op::op_STCK:
        case Op::op_BCR:
        case Op::op_BCTR: return true;
        default: return false;
    }
}

/// Loads a register with something that does not hang on what it held.
bool loads_anew(const isa::Decoded& d, unsigned reg) {
    switch (d.op) {
        case Op::op_L:
        case Op::op_LH: return d.operands.r1 == reg;
        case Op::op_LA: return d.operands.r1 == reg && d.operands.r2 != reg && d.operands.b2 != reg;
        case Op::op_LR: return d.operands.r1 == reg && d.operands.r2 != reg;
        case Op::op_SR:
        case Op::op_XR: return d.operands.r1 == reg && d.operands.r2 == reg;
        default: return false;
    }
}

std::string hex(const std::vector<uint8_t>& bytes) {
    std::string text;
    for (const uint8_t byte : bytes) text += fmt::format("{:02X}", byte);
    return text;
}

std::string operation_of(const isa::Decoded& d) {
    const std::string text = isa::disassemble(d);
    return text.substr(0, text.find(' '));
}

class Hints {
  public:
    Hints(const EndedProgram& program, const Ending& ending) : program_(program), ending_(ending) {}

    std::vector<std::string> find() {
        facility();
        if (!ending_.well) image();
        switch (ending_.kind) {
            case EndingKind::disabled_wait:
                if (ending_.interruption)
                    interruption(*ending_.interruption);
                else
                    masked_wait();
                break;
            case EndingKind::check_stop:
                if (ending_.interruption) interruption(*ending_.interruption);
                new_psw();
                break;
            case EndingKind::waiting: masked_device(); break;
            case EndingKind::instruction_limit:
            case EndingKind::time_limit:
                if (program_.state().cpu.psw.wait)
                    masked_device();
                else if (ending_.at)
                    loop(ending_.at->address);
                break;
            default: break;
        }
        return std::move(hints_);
    }

  private:
    template <class... Values>
    void add(fmt::format_string<Values...> form, Values&&... values) {
        hints_.push_back(fmt::format(form, std::forward<Values>(values)...));
    }

    void facility() {
        if (ending_.kind != EndingKind::disabled_wait && ending_.kind != EndingKind::check_stop) return;
        const auto* const first = program_.state().first;
        const bool string = ending_.kind == EndingKind::check_stop && first != nullptr;
        std::string text = missing_facility(
            program_.state().model, program_.state().storage, [this, first, string](uint32_t at) {
                return string && at < first->locations.size() ? first->byte(at) : program_.byte(at);
            });
        if (!text.empty()) hints_.push_back(std::move(text));
    }

    // ---- Where the CPU had got to ----

    void interruption(const EndingInterruption& i) {
        if (i.of == InterruptionClass::supervisor_call)
            return add(
                "SVC asks a supervisor, and there is none on a bare machine but the program's own: its new "
                "PSW is at location 060");
        if (i.of == InterruptionClass::io)
            return add(
                "device {:03X} has ended or wants attention: the program let its channel in without a new "
                "PSW of its own at 078",
                i.code);
        if (i.of == InterruptionClass::external)
            return add(
                "the program let external interruptions in (the timer at 050 runs by itself) without a new "
                "PSW of its own at 058");
        if (i.of != InterruptionClass::program || !ending_.at || !known_places(i)) return;
        if (!hints_.empty()) return;  // a facility that is not there says it all
        const auto code = static_cast<ProgramCode>(i.code);
        if (overwritten(i.address)) return;
        if (code == ProgramCode::specification && isa::decode_psw(i.old_psw).address % 2 != 0)
            return add("the program branched to the odd address {:06X}: instructions begin at even ones",
                       i.address);
        if (code == ProgramCode::operation || !is_instruction(i.address)) return no_instruction(i);
        if (bases(i.address)) return;
        const isa::Decoded d = program_.instruction(i.address);
        if (d.op == Op::invalid) return;
        switch (code) {
            case ProgramCode::privileged_operation:
                return add("{} is for the supervisor state, and the PSW has the problem state (bit 15)",
                           d.row().mnemonic);
            case ProgramCode::execute: return add("EX executes an EX, which is not allowed");
            case ProgramCode::protection:
                return add("the PSW has the key {:X}: it may store only where storage has that key",
                           isa::decode_psw(i.old_psw).key);
            case ProgramCode::addressing: return beyond(d);
            case ProgramCode::specification: return specification(d);
            case ProgramCode::data: return decimal(d);
            case ProgramCode::fixed_point_divide: return divide(d);
            case ProgramCode::decimal_divide:
                return add(
                    "the divisor is zero, or the quotient is longer than the first operand without the "
                    "divisor's length");
            default: return;
        }
    }

    /// Addresses are those of storage.
    static bool known_places(const EndingInterruption& i) { return !isa::decode_psw(i.old_psw).dat; }

    /// Whether an instruction of the program is at the address, as far as that is known.
    bool is_instruction(uint32_t address) const {
        if (program_.source() == nullptr) return program_.instruction(address).op != Op::invalid;
        const auto* const s = program_.statement(address);
        return s != nullptr && s->instruction && s->address == address;
    }

    void no_instruction(const EndingInterruption& i) {
        const auto* s = program_.statement(i.address);
        // Between statements is what aligns the next one.
        for (uint32_t skipped = 2; s == nullptr && skipped < 8; skipped += 2)
            s = program_.statement(i.address + skipped);
        if (i.address < 0x80) {
            add("control went to location {:06X}, where no program is: a branch by a register that held {}",
                i.address, i.address == 0 ? "zero" : "no address");
        } else if (s != nullptr && !s->instruction) {
            add("control ran into data: line {} of {} is no instruction. What goes before it must branch or "
                "end the program",
                s->line, s->file == nullptr ? "the source" : *s->file);
        } else if (s != nullptr && s->address < i.address) {
            add("control went into the middle of the instruction of line {}", s->line);
        } else if (s == nullptr && program_.source() != nullptr) {
            add("control went to {:06X}, where no statement of the program is", i.address);
        } else if (program_.bytes(i.address, 2) == std::vector<uint8_t>{0, 0}) {
            add("there are zeros at {:06X}: control ran off the program's end, or branched astray",
                i.address);
        }
        strayed();
    }

    /// Whether what was loaded there is something else now.
    bool overwritten(uint32_t address) {
        const unsigned length = isa::length_of_opcode(program_.byte(address));
        std::vector<uint8_t> before, is = program_.bytes(address, length);
        for (unsigned n = 0; n < length; ++n) {
            const auto byte = program_.loaded(address + n);
            if (!byte) return false;
            before.push_back(*byte);
        }
        if (before == is) return false;
        if (program_.source() != nullptr && !is_instruction(address)) return false;
        if (address < 0x60 || (address >= 0x80 && address < 0xC0))
            add("the instruction there was {}, and is {} now: the hardware stores into locations 008 to 05F "
                "and 080 to 0BF itself, so a program should begin behind 200",
                isa::disassemble(before), isa::disassemble(is));
        else
            add("the program has stored over its own instruction at {}: it was {}, and is {} now",
                program_.name_of_place(address), isa::disassemble(before), isa::disassemble(is));
        return true;
    }

    /// Base registers that do not hold what USING says.
    bool bases(uint32_t address) {
        const auto* const s = program_.statement(address);
        if (s == nullptr) return false;
        for (const isa::assembler::BaseRegister& base : s->bases)
            if ((program_.gpr(base.number) & isa::kAddressMask) != base.value) {
                wrong_base(base);
                return true;
            }
        return false;
    }

    void wrong_base(const isa::assembler::BaseRegister& base) {
        add("USING says that register {} holds {:06X}, and it holds {:08X}: was it loaded (BALR {},0 before "
            "USING *,{}), and not changed since?",
            base.number, base.value, program_.gpr(base.number), base.number, base.number);
    }

    /// Control is where it should not be: a base register that no USING is true of any more may be why.
    void strayed() {
        if (program_.source() == nullptr) return;
        std::set<unsigned> seen, good;
        std::vector<isa::assembler::BaseRegister> first;
        for (const auto& s : program_.source()->statements)
            for (const auto& base : s.bases) {
                if (seen.insert(base.number).second) first.push_back(base);
                if ((program_.gpr(base.number) & isa::kAddressMask) == base.value) good.insert(base.number);
            }
        for (const auto& base : first)
            if (good.count(base.number) == 0) return wrong_base(base);
    }

    // ---- What an instruction made of its operands ----

    OperandFlow flow(const isa::Decoded& d) const {
        TraceStep step;
        step.instruction = step.subject = d;
        if (d.op == Op::op_EX) {
            const OperandFlow own = flow_of(step);
            if (own.first) step.subject = program_.instruction(own.first->address & isa::kAddressMask);
        }
        step.cpu.gpr = program_.state().cpu.gpr;
        return flow_of(step);
    }

    void beyond(const isa::Decoded& d) {
        const OperandFlow f = flow(d);
        for (const auto& range : {f.first, f.second, f.stored})
            if (range &&
                (range->address & isa::kAddressMask) + uint64_t{range->length} > program_.state().storage)
                return add(
                    "an operand of {} is at {:06X}, and storage ends at {:06X}: its register holds no good "
                    "address",
                    d.row().mnemonic, range->address & isa::kAddressMask, program_.state().storage - 1);
        strayed();
    }

    void specification(const isa::Decoded& d) {
        const isa::Row& row = d.row();
        const auto odd = [&](uint16_t need, const char* which, unsigned reg) {
            if ((row.requires_ & need) == 0 || reg % 2 == 0) return false;
            add("{} works on a pair of registers and needs an even {}, not {}", row.mnemonic, which, reg);
            return true;
        };
        if (odd(isa::even1, "first register", d.operands.r1) ||
            odd(isa::even2, "second register", d.operands.r2) ||
            odd(isa::even3, "second register", d.operands.r2))
            return;
        if (((row.requires_ & (isa::float1 | isa::floatpair1)) != 0 &&
             (d.operands.r1 % 2 != 0 || d.operands.r1 > 6)) ||
            ((row.requires_ & (isa::float2 | isa::floatpair2)) != 0 &&
             (d.operands.r2 % 2 != 0 || d.operands.r2 > 6)))
            return add("{} needs floating-point registers: 0, 2, 4 and 6 (of extended operands 0 and 4)",
                       row.mnemonic);
        const OperandFlow f = flow(d);
        const auto& at = f.stored ? f.stored : f.first;
        const unsigned unit = (row.requires_ & isa::doubleword) != 0 ? 8
                              : (row.requires_ & isa::word) != 0     ? 4
                              : (row.requires_ & isa::halfword) != 0 ? 2
                                                                     : 1;
        if (at && at->address % unit != 0)
            return add(
                "the operand of {} is at {:06X}, and must be on a boundary of {} bytes: define it with DS {} "
                "in front",
                row.mnemonic, at->address & isa::kAddressMask, unit,
                unit == 8   ? "0D"
                : unit == 4 ? "0F"
                            : "0H");
        if (d.op == Op::op_MP || d.op == Op::op_DP)
            return add("{} takes a second operand of at most 8 bytes, shorter than the first", row.mnemonic);
        if (d.op == Op::op_LPSW)
            add("the PSW that it loads is none: bits that must be zero in the EC mode are not");
    }

    void decimal(const isa::Decoded& d) {
        const OperandFlow f = flow(d);
        for (const auto& range : {f.second, f.first}) {
            if (!range || range->length > 16) continue;
            const std::vector<uint8_t> bytes =
                program_.bytes(range->address & isa::kAddressMask, range->length);
            const std::string where = field_name(range->address & isa::kAddressMask);
            const auto digits = [](uint8_t byte) { return byte >= 0xF0 && byte <= 0xF9; };
            if (std::all_of(bytes.begin(), bytes.end(), digits) && bytes.size() > 1)
                return add("{} holds {}, a number in zoned digits: PACK it before {}", where, hex(bytes),
                           d.row().mnemonic);
            if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0x40; }))
                return add("{} holds nothing but blanks ({}), which are no packed number", where, hex(bytes));
            const bool sign = (bytes.back() & 0xF) >= 0xA;
            bool good = bytes.back() >> 4 <= 9;
            for (size_t n = 0; n + 1 < bytes.size(); ++n)
                good = good && bytes[n] >> 4 <= 9 && (bytes[n] & 0xF) <= 9;
            if (!sign || !good)
                return add(
                    "{} holds {}, which is no packed number: {}", where, hex(bytes),
                    sign ? "it has other than decimal digits" : "its last digit is no sign (C, D or F)");
        }
    }

    std::string field_name(uint32_t address) const {
        const auto* const s = program_.statement(address);
        if (s == nullptr) return fmt::format("{:06X}", address);
        return fmt::format("{:06X} ({})", address, program_.name_of_place(address));
    }

    void divide(const isa::Decoded& d) {
        if (d.op != Op::op_D && d.op != Op::op_DR) return;
        const unsigned r1 = d.operands.r1;
        uint32_t divisor = program_.gpr(d.operands.r2);
        if (d.op == Op::op_D) {
            const OperandFlow f = flow(d);
            if (!f.first) return;
            divisor = static_cast<uint32_t>(program_.doubleword(f.first->address & isa::kAddressMask) >> 32);
        }
        if (divisor == 0) return add("the divisor is zero");
        add("the quotient does not fit: {} divides the 64 bits of registers {} and {}, {:08X} {:08X}. Make "
            "the first of them the sign of the second: SRDA {},32 behind a load into register {}",
            d.row().mnemonic, r1, r1 + 1, program_.gpr(r1), program_.gpr(r1 + 1), r1, r1);
    }

    // ---- PSWs ----

    /// The program has none where the interruption went.
    void new_psw() {
        if (!ending_.interruption) return;
        static constexpr std::pair<InterruptionClass, uint32_t> kNew[] = {
            {InterruptionClass::program, 0x68},
            {InterruptionClass::supervisor_call, 0x60},
            {InterruptionClass::external, 0x58},
            {InterruptionClass::io, 0x78}};
        for (const auto& [of, location] : kNew)
            if (of == ending_.interruption->of && program_.doubleword(location) == 0)
                add("the program has no new PSW for that interruption: location {:03X} holds zeros, so the "
                    "CPU went to location 0. COPY LOWCORE brings one for each class",
                    location);
    }

    /// An image that lies where it does not belong, or is none.
    void image() {
        const EndState& state = program_.state();
        if (state.guest == nullptr || program_.source() != nullptr || state.guest->loads_from_reader() ||
            state.guest->storage.bytes.empty() || state.guest->saved)
            return;
        const isa::Psw restart = isa::decode_psw(program_.doubleword(0));
        const StorageBytes& image = state.guest->storage;
        if (image.address != 0)
            return add(
                "nothing was loaded at location 0, where the restart PSW is: a core image begins there");
        const bool inside =
            restart.address < image.bytes.size() && restart.address % 2 == 0 && restart.address >= 8;
        if (!inside || isa::has_format_error(restart, state.model.facilities))
            add("the image does not begin with a PSW that leads into it ({:016X}): it was made for another "
                "address (--core FILE@HEXADDR), or has no restart PSW",
                program_.doubleword(0));
    }

    void masked_wait() {
        const EndState& state = program_.state();
        if (state.pending_device)
            return add(
                "an interruption of device {:03X} is pending, and the wait PSW lets none in: the mask of "
                "channel {} belongs into its first byte (BC mode: X'80' is channel 0)",
                *state.pending_device, *state.pending_device >> 8);
        const auto* const s = program_.statement(state.cpu.psw.address);
        if (s != nullptr && s->instruction && s->address == state.cpu.psw.address)
            add("the wait PSW's address is that of line {}, an instruction, but it lets no interruption in "
                "that could go on there: set a mask in its first byte, or take away the wait bit",
                s->line);
    }

    void masked_device() {
        const EndState& state = program_.state();
        if (state.pending_device)
            return add(
                "an interruption of device {:03X} is pending, and the PSW that it waits with masks channel "
                "{}",
                *state.pending_device, *state.pending_device >> 8);
        add("no device is at work and no timer runs that it lets in: look at the condition code behind SIO, "
            "and whether the operation was started before the wait");
    }

    // ---- Loops ----

    struct Branch {
        uint32_t at = 0, target = 0;
        isa::Decoded d;
    };

    std::optional<uint32_t> target_of(uint32_t at, const isa::Decoded& d) const {
        const isa::Operands& o = d.operands;
        const auto based = [&](unsigned reg) { return reg == 0 ? 0 : program_.gpr(reg); };
        switch (d.op) {
            case Op::op_BC:
            case Op::op_BCT: return (based(o.b2) + based(o.r2) + o.d2) & isa::kAddressMask;
            case Op::op_BXH:
            case Op::op_BXLE: return (based(o.b2) + o.d2) & isa::kAddressMask;
            case Op::op_BRC: return (at + 2 * static_cast<uint32_t>(o.imm)) & isa::kAddressMask;
            default: return std::nullopt;
        }
    }

    /// The program was still going on at `at`: is that a loop that nothing ends?
    void loop(uint32_t at) {
        constexpr unsigned kLongest = 200;
        const isa::Decoded now = program_.instruction(at);
        if (now.op == Op::op_BCR && now.operands.r1 == 15 &&
            (program_.gpr(now.operands.r2) & isa::kAddressMask) == at)
            return add(
                "register {} leads back to this same branch: a subroutine that calls another one has to save "
                "its own return address",
                now.operands.r2);
        uint32_t here = at;
        for (unsigned n = 0; n < kLongest; ++n) {
            const isa::Decoded d = program_.instruction(here);
            if (d.op == Op::invalid) return;
            const auto target = target_of(here, d);
            if (target && *target <= at && at - *target < 6 * kLongest) return judge_loop({here, *target, d});
            here += d.length;
        }
    }

    void judge_loop(const Branch& closing) {
        bool sets = false, hides = false, way_out = false;
        std::optional<Branch> asks;
        for (uint32_t here = closing.target; here <= closing.at;) {
            const isa::Decoded d = program_.instruction(here);
            if (d.op == Op::invalid) return;
            if (hides_something(d)) hides = true;
            if (sets_condition(d.op)) sets = true;
            const auto target = target_of(here, d);
            const bool leaves = target && (*target < closing.target || *target > closing.at);
            const bool on_condition =
                (d.op == Op::op_BC || d.op == Op::op_BRC) && d.operands.r1 != 0 && d.operands.r1 != 15;
            if (on_condition && (leaves || here == closing.at)) asks = Branch{here, target.value_or(0), d};
            if (leaves && d.operands.r1 != 0) way_out = true;
            if (d.op == Op::op_BCT || d.op == Op::op_BXH || d.op == Op::op_BXLE) way_out = true;
            if (d.op == Op::op_BCT && loads_anew_in(closing, d.operands.r1)) return;
            here += d.length;
        }
        if (hides) return;
        const std::string from = program_.name_of_place(closing.target),
                          to = program_.name_of_place(closing.at);
        if (asks && !sets)
            return add(
                "nothing from {} to {} sets the condition code that {} at {} asks for: L, LR, LA and ST "
                "leave it as it is (LTR R,R sets it by what a register holds)",
                from, to, operation_of(asks->d), program_.name_of_place(asks->at));
        if (closing.d.op == Op::op_BCT && program_.gpr(closing.d.operands.r1) > 0x08000000)
            return add(
                "register {}, which BCT at {} counts down, holds {:08X}: it was zero or negative when the "
                "loop began, and BCT goes round until it is zero",
                closing.d.operands.r1, to, program_.gpr(closing.d.operands.r1));
        if (!asks && !way_out && closing.d.operands.r1 == 15) {
            if (closing.target == closing.at) return add("the branch at {} leads to itself", to);
            add("the loop from {} to {} has no way out", from, to);
        }
    }

    bool loads_anew_in(const Branch& closing, unsigned reg) {
        for (uint32_t here = closing.target; here < closing.at;) {
            const isa::Decoded d = program_.instruction(here);
            if (d.op == Op::invalid) return false;
            if (loads_anew(d, reg)) {
                add("register {} counts the loop from {} to {}, and {} loads it anew each time", reg,
                    program_.name_of_place(closing.target), program_.name_of_place(closing.at),
                    program_.name_of_place(here));
                return true;
            }
            here += d.length;
        }
        return false;
    }

    const EndedProgram& program_;
    const Ending& ending_;
    std::vector<std::string> hints_;
};

}  // namespace

std::vector<std::string> ending_hints(const EndedProgram& program, const Ending& ending) {
    return Hints(program, ending).find();
}

}  // namespace vmcp::experiment
