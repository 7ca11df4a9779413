// vmcp asm: assembler source to a storage image or a card deck.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "isa/assembler/assembler.hpp"
#include "isa/assembler/deck.hpp"
#include "isa/assembler/object_deck.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/output_files.hpp"

namespace vmcp::cli {
namespace {

struct AssembleOptions {
    std::string source;
    std::string output;  // "" writes none
    std::string format = "core";
    std::string listing;  // "" writes none, "-" is standard output
    std::vector<std::string> copy_directories;
    std::string sysparm;
};

std::string_view as_text(const std::vector<uint8_t>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Returns the exit code. Nothing but the listing is written if the source is in error.
int run_assemble(const AssembleOptions& options) {
    isa::assembler::Options assembler;
    for (const auto& directory : options.copy_directories) assembler.copy_directories.emplace_back(directory);
    assembler.allow_externals = options.format == "object";
    assembler.sysparm = options.sysparm;
    const std::vector<uint8_t> source = read_file(options.source);
    const auto result = isa::assembler::assemble(as_text(source), options.source, assembler);
    for (const auto& diagnostic : result.diagnostics) std::cerr << to_string(diagnostic) << "\n";
    if (!options.listing.empty()) write_file(options.listing, result.listing);
    if (!result.ok) return 1;
    if (options.output.empty()) return 0;
    const std::string name = std::filesystem::path(options.source).stem().string();
    if (options.format == "core")
        write_file(options.output, as_text(result.image));
    else if (options.format == "deck")
        write_file(options.output, as_text(isa::assembler::make_ipl_deck(result.image, result.load_address,
                                                                         result.entry, name)));
    else
        write_file(options.output, as_text(isa::assembler::make_object_deck(result, name)));
    return 0;
}

}  // namespace

void add_assemble(CLI::App& app) {
    auto options = std::make_shared<AssembleOptions>();
    CLI::App* sub = app.add_subcommand("asm", "Assemble System/370 source");
    sub->add_option("file", options->source, "Source file")->required()->type_name("FILE.asm");
    sub->add_option("-o,--output", options->output, "What to write; without it the source is only checked")
        ->type_name("FILE");
    sub->add_option("--format", options->format,
                    "core: the bytes of storage from START's address on; deck: 80-byte EBCDIC cards that IPL "
                    "from a card reader; object: cards for a linkage editor or loader")
        ->check(CLI::IsMember({"core", "deck", "object"}))
        ->capture_default_str();
    sub->add_option("--listing", options->listing, "Write the listing there (- is standard output)")
        ->type_name("FILE");
    sub->add_option("--copy", options->copy_directories,
                    "Where COPY looks for members and calls for macros; may be repeated")
        ->type_name("DIR");
    sub->add_option("--sysparm", options->sysparm, "The value of &SYSPARM")->type_name("TEXT");
    sub->footer(
        "Examples:\n"
        "  vmcp asm hello.asm -o hello.core --listing -\n"
        "  vmcp asm hello.asm -o hello.deck --format deck --copy macros");
    sub->callback([options] {
        if (const int code = run_assemble(*options); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace vmcp::cli
