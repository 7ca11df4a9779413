// Files that the program writes for its user.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/output_file.hpp"
#include "vmcp/experiment/result.hpp"

namespace vmcp::cli {

/// Replaces the file when all bytes have been written beside it; "-" is standard output. Throws OutputError.
void write_file(const std::string& path, std::string_view bytes);

/// A result as JSON; without what the host computer took if `no_host`. Throws OutputError.
void write_json(const std::string& path, nlohmann::ordered_json result, bool no_host);
inline constexpr const char* kNoHostHelp =
    "Leave out of the JSON what the host took: equal runs give equal bytes";

/// A file that a command is asked to write; an empty name: it is not.
struct Output {
    std::string option;  // or whatever else asks for it, as messages name it
    std::string path;
};

/// Before anything is done: all of them can be written, no two are one file, none is one of the `inputs`, and
/// at most one is standard output. Throws InputError, OutputError.
void check_outputs(const std::vector<Output>& outputs, const std::vector<std::string>& inputs = {});

/// Whether standard output is one of them.
bool takes_standard_output(const std::vector<Output>& outputs);

/// What the machines of a scenario write and read: files of their punches and printers; sources, images,
/// decks.
void add_files_of(const experiment::VmDescription& vm, std::vector<Output>& outputs,
                  std::vector<std::string>& inputs);
/// The same of all machines of a scenario, and of the real devices.
void add_files_of(const experiment::Scenario& scenario, std::vector<Output>& outputs,
                  std::vector<std::string>& inputs);

/// Many runs of a scenario cannot write one file: what its machines print and punch goes to none. Checks the
/// other outputs against what they read. Throws as check_outputs does.
void prepare_for_many_runs(experiment::Scenario& scenario, std::vector<Output> outputs,
                           std::vector<std::string> inputs);

/// The largest --trace-limit, bytes.
inline constexpr uint64_t kMostTrace = uint64_t{1} << 40;
/// Says on standard error that a trace ended before its run.
void tell_full_trace(const std::string& path, const std::string& limit);

/// Writes DIRECTORY/NAME.console.txt, .printer.txt and .punch.deck (of further devices .printer-CUU.txt
/// and .punch-CUU.deck), each where there is something to write. Makes the directory. Throws InputError.
void write_guest_output(const std::string& directory, const std::string& name,
                        const experiment::GuestOutput& output);
/// Writes DIRECTORY/NAME.errors.txt, which has a line for each record: simulated time and bytes. Nothing
/// where there are none. The directory is there.
void write_error_records(const std::string& directory, const std::string& name, const ErrorRecords& errors);

}  // namespace vmcp::cli
