// DIAGNOSE X'58': a display of the machine's, written and read without its own data streams, or with them in
// full-screen mode. GC20-1807 and SC19-6203 (VM/370, VM/SP System Programmer's Guide), "3270 Virtual Console
// Interface". docs/virtual-io.md has the channel-command words.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "simulation/channel/channel_storage.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

class DisplayPrograms {
  public:
    /// R1 the first channel-command word, R3 the display. The operation is started as by START I/O, and
    /// ends with an interruption; condition codes and the channel-status word are those of START I/O. 1 also
    /// where what is to be displayed does not fit, 3 where there is no display.
    void diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3);

  private:
    /// What the channel runs, until the display has ended; the last one of each display, by the machine.
    std::map<std::pair<VmId, uint16_t>, std::unique_ptr<simulation::ChannelStorage>> programs_;
};

}  // namespace vmcp
