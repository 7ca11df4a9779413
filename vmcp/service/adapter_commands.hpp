// Virtual channel-to-channel adapters, between machines or within one: which end is joined with which, and
// the CP command COUPLE. GC20-1820 (VM/370 CP Command Reference for General Users).
//
//   COUPLE VADDR [TO] USER VADDR     either end is parted from the one that it had before
#pragma once

#include <optional>

#include "simulation/devices/channel_to_channel.hpp"
#include "vmcp/service/command_words.hpp"

namespace vmcp {

/// CP's return code; empty: it is no such command.
std::optional<uint32_t> execute_adapter_command(const DeviceCommand& command);

/// What QUERY VIRTUAL tells behind the kind and the address of a machine's end: "TO BERT 0E0".
std::string coupled_text(const Nucleus& nucleus, const simulation::ChannelToChannel& end);
/// Tells the user of the other end that this one is going away.
void tell_dropped(const DeviceCommand& c, uint16_t address);

/// A machine has been added: joins the ends that are described as such, as far as both machines are logged on
/// and the ends are free.
void couple_as_described(MachineTable& machines, const VirtualMachine& added);

}  // namespace vmcp
