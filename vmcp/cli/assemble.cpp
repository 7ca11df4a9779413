// vmcp asm: assembler source to a storage image or a card deck.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <regex>

#include "isa/assembler/assembler.hpp"
#include "isa/assembler/deck.hpp"
#include "isa/assembler/elf_file.hpp"
#include "isa/assembler/object_deck.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::cli {
namespace {

struct AssembleOptions {
    std::string source;
    std::string output;  // "" writes none
    std::string format = "core";
    std::string listing;  // "" writes none, "-" is standard output
    std::string elf;      // "" writes none
    std::vector<std::string> copy_directories;
    std::string sysparm;
    std::string date;   // "" is the assembler's own
    std::string time;   // likewise
    std::string model;  // "" has every instruction
};

std::string_view as_text(const std::vector<uint8_t>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// MM/DD/YY, as &SYSDATE has it, of that or of YYYY-MM-DD.
std::string sysdate_of(const std::string& text) {
    static const std::regex kShort(R"((\d\d)/(\d\d)/(\d\d))");
    static const std::regex kLong(R"(\d\d(\d\d)-(\d\d)-(\d\d))");
    std::smatch m;
    std::string month, day, year;
    if (std::regex_match(text, m, kShort)) {
        month = m[1], day = m[2], year = m[3];
    } else if (std::regex_match(text, m, kLong)) {
        year = m[1], month = m[2], day = m[3];
    }
    if (month < "01" || month > "12" || day < "01" || day > "31")
        throw InputError(fmt::format("--date {}: expected a date, MM/DD/YY or YYYY-MM-DD", text));
    return fmt::format("{}/{}/{}", month, day, year);
}

std::string systime_of(const std::string& text) {
    static const std::regex kTime(R"(([01]\d|2[0-3])[.:]([0-5]\d))");
    std::smatch m;
    if (!std::regex_match(text, m, kTime))
        throw InputError(fmt::format("--time {}: expected hours and minutes, HH.MM", text));
    return fmt::format("{}.{}", m[1].str(), m[2].str());
}

/// What to say of an instruction that the model lacks: which built-in models have it.
std::string missing_instruction(const simulation::MachineModel& model, isa::Op op) {
    const isa::Row& row = isa::row_of(op);
    if (model.facilities.has(row.facility)) return {};
    std::string others;
    for (const std::string& name : simulation::MachineModel::names())
        if (simulation::MachineModel::load(name).facilities.has(row.facility))
            others += (others.empty() ? "" : ", ") + name;
    return fmt::format("machine model {} has no {}: that takes the facility {}, which {}", model.name,
                       row.mnemonic, isa::kFacilityNames[static_cast<unsigned>(row.facility)],
                       others.empty() ? "no built-in model has" : "these models have: " + others);
}

/// No result may take the place of what it was made of, or of another result.
void check_apart(const AssembleOptions& options, const std::vector<std::string>& read) {
    const auto refuse = [](const std::string& option, const std::string& path, const std::string& what) {
        throw InputError(fmt::format("{} {}: that is {}", option, path, what));
    };
    const std::vector<Output> results = {
        {"--output", options.output}, {"--listing", options.listing}, {"--elf", options.elf}};
    for (const auto& [option, path] : results) {
        if (path.empty()) continue;
        if (experiment::same_file(path, options.source)) refuse(option, path, "the source itself");
        for (const std::string& member : read)
            if (experiment::same_file(path, member)) refuse(option, path, "a member that the source uses");
    }
    if (!options.output.empty() && experiment::same_file(options.listing, options.output))
        refuse("--listing", options.listing, "the output as well");
    for (const std::string& other : {options.output, options.listing})
        if (!options.elf.empty() && !other.empty() && experiment::same_file(options.elf, other))
            refuse("--elf", options.elf, "another result as well");
    check_outputs(results);
}

std::vector<uint8_t> output_of(const AssembleOptions& options, const isa::assembler::Result& result) {
    const std::string name = std::filesystem::path(options.source).stem().string();
    if (options.format == "core") return result.image;
    if (options.format == "deck")
        return isa::assembler::make_ipl_deck(result.image, result.load_address, result.entry, name);
    return isa::assembler::make_object_deck(result, name);
}

/// Returns the exit code. Nothing but the listing is written if the source is in error.
int run_assemble(const AssembleOptions& options) {
    check_apart(options, {});
    if (!options.elf.empty() && options.format == "object")
        throw InputError(
            "--elf: expected a program that is whole, and --format object leaves it to a linkage editor");
    isa::assembler::Options assembler;
    for (const auto& directory : options.copy_directories) assembler.copy_directories.emplace_back(directory);
    assembler.built_in = experiment::built_in_members();
    assembler.allow_externals = options.format == "object";
    assembler.sysparm = options.sysparm;
    if (!options.date.empty()) assembler.sysdate = sysdate_of(options.date);
    if (!options.time.empty()) assembler.systime = systime_of(options.time);
    simulation::MachineModel model;
    if (!options.model.empty()) {
        model = simulation::MachineModel::load(options.model);
        assembler.missing_instruction = [&](isa::Op op) { return missing_instruction(model, op); };
    }
    const std::vector<uint8_t> source = read_file(options.source);
    const auto result = isa::assembler::assemble(as_text(source), options.source, assembler);
    for (const auto& diagnostic : result.diagnostics)
        print_error("{}\n{}", to_string(diagnostic), pointed_out(diagnostic));
    check_apart(options, result.members);
    const std::vector<uint8_t> output =
        result.ok && !options.output.empty() ? output_of(options, result) : std::vector<uint8_t>();
    if (!options.listing.empty()) write_file(options.listing, result.listing);
    if (!result.ok) return 1;
    if (!options.output.empty()) write_file(options.output, as_text(output));
    if (!options.elf.empty())
        write_file(options.elf, as_text(isa::assembler::make_elf_file(
                                    result, options.source, std::filesystem::current_path().string())));
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
    sub->add_option("--elf", options->elf,
                    "Write an ELF file for gdb and binutils there: image, symbols, lines of the source")
        ->type_name("FILE");
    sub->add_option(
           "--copy", options->copy_directories,
           "Where COPY looks for members and calls for macros, behind the source's folder and before "
           "what is built in (equates, lowcore, console, timer, ...); may be repeated")
        ->type_name("DIR");
    sub->add_option("--sysparm", options->sysparm, "The value of &SYSPARM")->type_name("TEXT");
    sub->add_option("--date,--sysdate", options->date,
                    "The value of &SYSDATE: MM/DD/YY or YYYY-MM-DD; 01/01/70 unless told, whatever the day")
        ->type_name("DATE");
    sub->add_option("--time,--systime", options->time, "The value of &SYSTIME: HH.MM; 00.00 unless told")
        ->type_name("TIME");
    sub->add_option("--model", options->model,
                    "Refuse instructions that this machine model lacks: a name or a TOML file")
        ->type_name("NAME");
    sub->footer(
        "Examples:\n"
        "  vmcp asm hello.asm -o hello.core --listing -\n"
        "  vmcp asm hello.asm -o hello.deck --format deck --copy macros\n"
        "  vmcp asm part.asm -o part.obj --format object --date 12/31/79\n"
        "  vmcp asm hello.asm --elf hello.elf              for vmcp debug --gdb\n"
        "  vmcp asm kernel.asm --model s370-158           check only");
    sub->callback([options] {
        if (const int code = run_assemble(*options); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace vmcp::cli
