// The ways of input and output that `vmcp ladder io` compares, and the loads that it compares them by: plain
// data. A way that is new is one row of io_ways(); where it needs other machines, it names a scenario of its
// own. docs/io-ladder.md explains each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/rung.hpp"

namespace vmcp::experiment {

/// What is done, in each way alike.
struct IoLoad {
    std::string_view name, title;
    unsigned bytes;  // that a request moves, of the guest's own data
    unsigned times;  // word at 3F4 of its guests: what one unit of --requests is
    unsigned done;   // requests that are done for each of them
};
const std::vector<IoLoad>& io_loads();

/// Who stands between a guest and its device.
enum class IoServer : uint8_t { nobody, control_program, service_machine };
/// "nobody", "control program", "service machine"
std::string_view name_of(IoServer server);

struct IoWay {
    std::string_view name, load, title;
    IoServer server{};
    std::string_view scenario = {};  // in examples/scenarios; empty: it cannot be done here
    std::string_view missing = {};   // and why
    uint32_t word = 1;               // at 3F0 of the client, and of machines whose scenario does not say it
    bool natively = false;           // on the bare machine: the machine "client" alone
    Rung rung = {};                  // what the machine has, kind of storage, way of dedicated devices
    /// Bytes a request that the control program copies and does not count: messages and virtual adapters, by
    /// the lengths that the guest uses. Those of rings and of console lines it counts.
    unsigned copies = 0;
    /// One request at a time and as plain as this server has it: compared in the order of the servers.
    bool stands_for_server = false;
    std::string_view harm = {};    // who can harm whom
    std::string_view source = {};  // of the way
};
/// Of each load in turn, the bare machine first.
const std::vector<IoWay>& io_ways();

/// A figure that somebody has published about such ways.
struct PublishedIo {
    std::string_view what;
    double low, high;  // shares of 1
    std::string_view source;
};
/// Of the time of a CPU, what a service machine took; and of the bare machine's requests in a time, what a
/// machine did with a device of its own.
extern const PublishedIo kDriverDomain, kDirectAssignment;

}  // namespace vmcp::experiment
