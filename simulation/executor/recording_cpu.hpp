// The real CPU with program-event recording: it does what the CPU does and notes what control registers 9-11
// watch for. Instruction bodies run on it instead of on the CPU itself while the PSW's PER mask is one, so
// that a CPU that records nothing pays nothing.
#pragma once

#include "isa/per.hpp"
#include "simulation/executor/forwarding_cpu.hpp"

namespace simulation {

class RecordingCpu final : public isa::Evaluator<RecordingCpu>, public ForwardingCpu<Cpu> {
  public:
    RecordingCpu(Cpu& cpu, isa::PerRecorder& events) : ForwardingCpu(cpu), events_(events) {}

    void set_gpr(unsigned r, uint32_t v) {
        events_.altered(r);
        cpu_.set_gpr(r, v);
    }
    void branch(uint32_t target) {
        events_.branched();
        cpu_.branch(target);
    }
    void store8(uint32_t a, uint32_t v) {
        cpu_.store8(a, v);
        events_.stored(a, 1);
    }
    void store16(uint32_t a, uint32_t v) {
        cpu_.store16(a, v);
        events_.stored(a, 2);
    }
    void store32(uint32_t a, uint32_t v) {
        cpu_.store32(a, v);
        events_.stored(a, 4);
    }
    void store64(uint32_t a, uint64_t v) {
        cpu_.store64(a, v);
        events_.stored(a, 8);
    }
    void store(uint32_t a, const uint8_t* in, unsigned length) {
        cpu_.store(a, in, length);
        events_.stored(a, length);
    }
    void store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path) {
        cpu_.store(a, in, length, path);
        events_.stored(a, length);
    }
    void move(uint32_t to, uint32_t from, unsigned length) {
        cpu_.move(to, from, length);
        events_.stored(to, length);
    }
    void execute_at(uint32_t target, uint8_t modifier);
    /// Of the last execute_at.
    const isa::Decoded& subject() const { return subject_; }

  private:
    isa::PerRecorder& events_;
    isa::Decoded subject_;
};

/// Executes an instruction with recording: the checks that its row demands, then its body.
void execute_recording(RecordingCpu& cpu, isa::Op op, const isa::Operands& operands);

}  // namespace simulation
