// Several observers as one: the control program knows of a single one.
#pragma once

#include <vector>

#include "vmcp/observer.hpp"

namespace vmcp::experiment {

class Observers final : public Observer {
  public:
    /// `observer` must outlive this. Null is ignored.
    void add(Observer* observer) {
        if (observer != nullptr) all_.push_back(observer);
    }
    void guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) override {
        for (Observer* o : all_) o->guest_ran(vm, begin, end);
    }
    void trapped(const VirtualMachine& vm, const Trap& trap) override {
        for (Observer* o : all_) o->trapped(vm, trap);
    }
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override {
        for (Observer* o : all_) o->reflected(vm, interruption);
    }
    void worked(const VirtualMachine* vm, Cause cause, Step step, uint64_t times, SimTime begin,
                SimTime cost) override {
        for (Observer* o : all_) o->worked(vm, cause, step, times, begin, cost);
    }
    void resumed(const VirtualMachine& vm, SimTime at) override {
        for (Observer* o : all_) o->resumed(vm, at);
    }
    void idled(SimTime begin, SimTime end) override {
        for (Observer* o : all_) o->idled(begin, end);
    }
    void stopped(const VirtualMachine& vm, SimTime at) override {
        for (Observer* o : all_) o->stopped(vm, at);
    }

  private:
    std::vector<Observer*> all_;
};

}  // namespace vmcp::experiment
