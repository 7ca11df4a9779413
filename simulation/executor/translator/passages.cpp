#include "simulation/executor/translator/passages.hpp"

namespace simulation {

using namespace host;
using asmjit::Imm;
namespace x86 = asmjit::x86;

namespace {

constexpr x86::Gp kSaved[] = {x86::rbx, x86::rbp, x86::r12, x86::r13, x86::r14, x86::r15};
constexpr unsigned kScratch = 24;  // bytes of the stack for region code; keeps it aligned to 16

}  // namespace

Passages::Passages(CodeMemory& memory, const CpuLayout& layout, const Entrances& entrances,
                   const uint64_t& epoch) {
    using Entrance = Entrances::Entrance;
    static_assert(sizeof(Entrance) == 2u << Entrances::kShift);
    asmjit::CodeHolder code;
    code.init(asmjit::Environment::host());
    x86::Assembler a(&code);
    const Label enter = a.newLabel(), go_over = a.newLabel(), leave = a.newLabel();

    a.bind(enter);
    for (const Gp& gp : kSaved) a.push(gp);
    a.sub(x86::rsp, kScratch);
    a.mov(kCpu, x86::rdi);
    a.xor_(x86::eax, x86::eax);
    a.jmp(x86::rsi);

    a.bind(go_over);
    a.mov(x86::ecx, layout.word(layout.address));
    a.mov(x86::rdx, layout.doubleword(layout.code_space));
    a.or_(x86::rdx, x86::rcx);
    a.shl(x86::ecx, Entrances::kShift);
    a.and_(x86::ecx, Imm((Entrances::kEntrances - 1) * sizeof(Entrance)));
    a.mov(x86::rsi, address_of(*entrances.data()));
    a.add(x86::rcx, x86::rsi);
    a.cmp(x86::rdx, x86::qword_ptr(x86::rcx, offsetof(Entrance, where)));
    a.jne(leave);
    a.mov(x86::rsi, address_of(epoch));
    a.mov(x86::rsi, x86::qword_ptr(x86::rsi));
    a.cmp(x86::rsi, x86::qword_ptr(x86::rcx, offsetof(Entrance, epoch)));
    a.jne(leave);
    a.mov(x86::rdx, layout.doubleword(layout.time));
    a.add(x86::rdx, x86::qword_ptr(x86::rcx, offsetof(Entrance, price)));
    a.cmp(x86::rdx, layout.doubleword(layout.limit));
    a.jge(leave);
    a.jmp(x86::qword_ptr(x86::rcx, offsetof(Entrance, code)));

    a.bind(leave);
    a.add(x86::rsp, kScratch);
    for (size_t i = std::size(kSaved); i-- > 0;) a.pop(kSaved[i]);
    a.ret();

    const size_t bytes = code.codeSize();
    uintptr_t base = 0;
    if (!memory.put(bytes, [&](uint8_t* place) {
            base = reinterpret_cast<uintptr_t>(place);
            code.relocateToBase(base);
            code.copyFlattenedData(place, bytes);
        }))
        return;
    enter_ = reinterpret_cast<decltype(enter_)>(base + code.labelOffset(enter));
    go_over_ = base + code.labelOffset(go_over);
    leave_ = base + code.labelOffset(leave);
}

}  // namespace simulation
