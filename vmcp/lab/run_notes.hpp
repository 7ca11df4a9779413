// What guests did with their machines in a run, in short lines that the words of a lab can hang on:
//
//   hello: SIO 009, CAW 00000460: condition code 0
//   hello: SIO 009, CAW 00000000: condition code 1, status 0020
//   hello: waits with 80020000 00000000
//   hello: SSM, number 2
//   hello: SCKC, number 1: 1000 ms ahead
//   hello: DIAG 200: condition code 2
//   hello: gets I/O 009
//   hello: ends with 00020000 00000000
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vmcp/dispatch/observer.hpp"

namespace vmcp::lab {

class RunNotes final : public Observer {
  public:
    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override;
    void resumed(const VirtualMachine& vm, SimTime at) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime at) override;

    /// The first ones: of a program that goes on for ever, more say nothing new.
    const std::vector<std::string>& lines() const { return lines_; }

  private:
    void conclude();
    void note(const VirtualMachine& vm, std::string_view what);

    std::vector<std::string> lines_;
    const VirtualMachine* vm_ = nullptr;  // whose trap is being handled
    std::string instruction_;             // the privileged one that it is, as it will be noted
    SimTime trapped_ = 0;
    isa::Psw before_;
    std::map<std::pair<uint32_t, isa::Op>, unsigned> counts_;  // by machine
};

}  // namespace vmcp::lab
