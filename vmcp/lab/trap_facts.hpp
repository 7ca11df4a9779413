// What happened at certain traps of a virtual machine, as facts with names: what students predict.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "vmcp/dispatch/observer.hpp"
#include "vmcp/lab/lab.hpp"

namespace vmcp::lab {

/// By their names. PSWs are 16 hexadecimal digits, locations and codes hexadecimal, the rest words.
using Facts = std::map<std::string, std::string, std::less<>>;

/// Names of all facts: docs/labs-for-teachers.md says what they are.
std::vector<std::string_view> fact_names();

/// Looks on, and records the facts of the traps that questions are about.
class TrapRecorder final : public Observer {
  public:
    TrapRecorder(std::string machine, const std::vector<Question>& questions);

    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override;
    void resumed(const VirtualMachine& vm, SimTime at) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime at) override;

    /// Of the trap that the question is about; null: it did not happen.
    const Facts* of(const Question& question) const;

  private:
    struct Which {
        std::string instruction;
        unsigned nth = 0;
        bool operator<(const Which& other) const {
            return std::tie(instruction, nth) < std::tie(other.instruction, other.nth);
        }
    };
    void conclude();

    std::string machine_;
    std::map<Which, Facts> traps_;            // that are asked for
    std::map<std::string, unsigned> counts_;  // of traps so far, by what trapped
    Facts* now_ = nullptr;                    // of the trap that is being handled
    const VirtualMachine* vm_ = nullptr;
};

}  // namespace vmcp::lab
