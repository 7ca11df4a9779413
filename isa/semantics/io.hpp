// Input/output instructions. GA22-7000 chapter 13. The CPU names the channels that it drives: the real ones,
// or, for a virtual CPU, the virtual ones. A channel answers with the condition code and with what it stores
// at location 64.
#pragma once

#include "isa/system_cpu.hpp"

namespace isa::semantics {

template <class C>
uint16_t io_address(C& c, const Operands& o) {
    return static_cast<uint16_t>(c.address(o.b2, o.d2));
}

template <class C>
void start_io(C& c, const Operands& o) {
    c.start_io(io_address(c, o), false);
}
template <class C>
void start_io_fast_release(C& c, const Operands& o) {
    c.start_io(io_address(c, o), true);
}
template <class C>
void test_io(C& c, const Operands& o) {
    c.test_io(io_address(c, o));
}
template <class C>
void clear_io(C& c, const Operands& o) {
    c.clear_io(io_address(c, o));
}
template <class C>
void halt_io(C& c, const Operands& o) {
    c.halt_io(io_address(c, o));
}
template <class C>
void halt_device(C& c, const Operands& o) {
    c.halt_device(io_address(c, o));
}
template <class C>
void test_channel(C& c, const Operands& o) {
    c.test_channel(io_address(c, o));
}
template <class C>
void clear_channel(C& c, const Operands& o) {
    c.clear_channel(io_address(c, o));
}
template <class C>
void store_channel_id(C& c, const Operands& o) {
    c.store_channel_id(io_address(c, o));
}

}  // namespace isa::semantics
