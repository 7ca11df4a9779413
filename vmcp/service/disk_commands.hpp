// CP commands that give a machine disks and take devices from it: LINK, DETACH, DEFINE, and what QUERY tells
// of them. GC20-1820 (VM/370 CP Command Reference for General Users).
//
//   LINK [TO] USER VADDR [AS] VADDR [MODE [PASSWORD]]
//   DETACH VADDR...
//   DEFINE VADDR [AS] VADDR
//   DEFINE READER|PUNCH|PRINTER|3211|CTCA [AS] VADDR   and other types of the first three
//   DEFINE T3330 [AS] VADDR [CYL] N     a temporary disk; T and any type of disk; for a 3370
//   DEFINE TFB-512 [AS] VADDR [BLK] N   with blocks
//   QUERY VIRTUAL [ALL]|DASD|TAPES|UR|CONSOLE|CTCA|VADDR, QUERY LINKS VADDR
//
// A user's directory is what a machine that is logged on was asked to have, of others what Nucleus::directory
// says: minidisks, not temporary disks.
// There are no passwords, so that any is good.
#pragma once

#include <optional>

#include "vmcp/service/command_words.hpp"

namespace vmcp {

/// CP's return code; empty: it is no such command.
std::optional<uint32_t> execute_disk_command(const DeviceCommand& command);

}  // namespace vmcp
