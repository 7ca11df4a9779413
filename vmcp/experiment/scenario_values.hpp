// Values of a scenario's tables that hang on nothing else. All throw simulation::TomlError.
#pragma once

#include "simulation/model/toml_reader.hpp"
#include "vmcp/experiment/vm_description.hpp"

namespace vmcp::experiment {

inline constexpr double kLongestMs = 1e9;  // eleven simulated days

SimTime time_of_ms(double ms);
/// A multiple of 4096 bytes up to 64M: "256K", "1M", "65536".
uint32_t read_storage_size(simulation::TomlReader& table, const char* key);
/// "0-3", "1F": of the machine's storage, whose size must be known.
void read_locked_pages(simulation::TomlReader& table, VmOptions& options);
/// A table of bytes, as hexadecimal digits by the address of the first of them, in so much storage.
std::vector<StorageBytes> read_storage_bytes(simulation::TomlReader& table, const char* name,
                                             uint32_t storage);
/// `patch`: hexadecimal digits by the address of the first byte.
void read_patches(simulation::TomlReader& table, VmDescription& vm);
/// `console_input`: lines in the order of time.
void read_console_input(simulation::TomlReader& table, VmDescription& vm);

/// `iucv`: statements of a directory, "ALLOW", "ANY" or a name, with PRIORITY and MSGLIMIT.
void read_iucv(simulation::TomlReader& table, VmOptions& options);
/// `maxconn`.
void read_most_connections(simulation::TomlReader& table, VmOptions& options);
/// `grants`.
void read_grants(simulation::TomlReader& table, VmOptions& options);

}  // namespace vmcp::experiment
