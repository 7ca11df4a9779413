// What guests did with their machines in a run, in short lines that the words of a lab can hang on:
//
//   hello: SIO 009, CAW 00000460: condition code 0
//   hello: SIO 009, CAW 00000000: condition code 1, status 0020
//   hello: waits with 80020000 00000000
//   hello: gets I/O 009
//   hello: ends with 00020000 00000000
#pragma once

#include <string>
#include <string_view>
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
    std::string io_;                      // the I/O instruction that it is
    isa::Psw before_;
};

}  // namespace vmcp::lab
