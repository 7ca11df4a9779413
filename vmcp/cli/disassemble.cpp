// vmcp disasm: bytes of storage to assembler source.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

#include "isa/disassembler.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/standard_streams.hpp"

namespace vmcp::cli {
namespace {

struct DisassembleOptions {
    std::string file;    // FILE[@HEXADDR]
    std::string start;   // "": the beginning
    std::string length;  // "": all
    std::string model;   // "": System/370, and what needs no decision
};

void run_disassemble(const DisassembleOptions& options) {
    const CoreImage image = read_core_image(options.file);
    std::span<const uint8_t> bytes(image.bytes);
    const uint32_t start = options.start.empty() ? image.address : parse_hex(options.start, "start");
    if (start < image.address || start - image.address > bytes.size())
        throw InputError(fmt::format("{}: start {:X} is not in the file, which covers {:X} to {:X}",
                                     image.file, start, image.address, image.address + bytes.size()));
    bytes = bytes.subspan(start - image.address);
    if (!options.length.empty())
        bytes = bytes.first(std::min<std::size_t>(bytes.size(), parse_hex(options.length, "length")));
    const isa::FacilitySet facilities = options.model.empty()
                                            ? isa::FacilitySet::system370()
                                            : simulation::MachineModel::load(options.model).facilities;
    put(stdout, isa::disassemble_range(bytes, start, facilities));
}

}  // namespace

void add_disassemble(CLI::App& app) {
    auto options = std::make_shared<DisassembleOptions>();
    CLI::App* sub = app.add_subcommand("disasm", "Disassemble a storage image");
    sub->add_option("file", options->file, "Bytes of storage; the address of the first is HEXADDR, or 0")
        ->required()
        ->type_name("FILE[@HEXADDR]");
    sub->add_option("--start", options->start, "Address to begin at")->type_name("HEX");
    sub->add_option("--length", options->length, "Number of bytes")->type_name("HEX");
    sub->add_option("--model", options->model,
                    "The machine model that the bytes are for: with facility gcc, opcodes 84 and 85 are BRXH "
                    "and BRXLE, else WRD and RDD")
        ->type_name("NAME");
    sub->footer(
        "Examples:\n"
        "  vmcp disasm hello.core --start 200 --length 80\n"
        "  vmcp disasm module.bin@10000");
    sub->callback([options] { run_disassemble(*options); });
}

}  // namespace vmcp::cli
