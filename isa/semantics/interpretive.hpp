// Interpretive execution: the instructions by which a control program has the machine execute a guest, and
// the one by which a guest calls it. docs/interpretive-execution.md; the idea is that of SA22-7095. What they
// do is the CPU's (simulation/cpu/interpretive_execution.hpp).
#pragma once

#include "isa/interpretive_order.hpp"
#include "isa/system_cpu.hpp"

namespace isa::semantics {

template <class C>
void start_interpretive_execution(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::start, o);
}
template <class C>
void load_state_description(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::load, o);
}
template <class C>
void store_state_description_address(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::store_address, o);
}
template <class C>
void clear_state_description(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::clear, o);
}
template <class C>
void read_state_description_field(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::read_field, o);
}
template <class C>
void write_state_description_field(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::write_field, o);
}
template <class C>
void call_host(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::call_host, o);
}
template <class C>
void query_interpretive_execution(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::query, o);
}
template <class C>
void query_assists(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::query_assists, o);
}
template <class C>
void purge_guest_tlb(C& c, const Operands& o) {
    c.interpretive(InterpretiveOrder::purge, o);
}

}  // namespace isa::semantics
