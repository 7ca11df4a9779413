// vmcp spool: lists, shows and purges the spool files that a folder keeps from run to run.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "isa/ebcdic.hpp"
#include "simulation/model/time.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_table.hpp"
#include "vmcp/spool/real_output.hpp"
#include "vmcp/spool/spool_folder.hpp"
#include "vmcp/spool/spool_pages.hpp"

namespace vmcp::cli {
namespace {

using experiment::TextTable;

struct SpoolToolOptions {
    std::string folder;
    unsigned number = 0;
    std::vector<unsigned> numbers;
    bool records = false, all = false;
};

/// What is no good is told on standard error; the end of the command says so, too.
SpoolFolder::Contents read(const SpoolFolder& folder) {
    SpoolFolder::Contents contents = folder.read();
    for (const std::string& complaint : contents.complaints) print_error("vmcp: {}\n", complaint);
    return contents;
}

void end_by(const SpoolFolder::Contents& contents) {
    if (!contents.complaints.empty()) throw CLI::RuntimeError(1);
}

void list(const SpoolToolOptions& options) {
    const SpoolFolder folder(options.folder, SpoolFolder::Use::look);
    const SpoolFolder::Contents contents = read(folder);
    TextTable table({"File", TextTable::Align::left}, {{"owner", TextTable::Align::left},
                                                       {"queue", TextTable::Align::left},
                                                       {"from", TextTable::Align::left},
                                                       {"class"},
                                                       {"records"},
                                                       {"pages"},
                                                       {"copies"},
                                                       {"hold", TextTable::Align::left},
                                                       {"form", TextTable::Align::left},
                                                       {"created"},
                                                       {"name", TextTable::Align::left}});
    uint64_t records = 0, pages = 0;
    for (const SpoolFile& file : contents.files) {
        const uint32_t of_file = spool_pages(file.records);
        records += file.lines();
        pages += of_file;
        table.row(fmt::format("{:04} {}", file.number, name_of(file.origin)),
                  {file.owner, std::string(name_of(file.queue)), file.from, std::string(1, file.spool_class),
                   experiment::count_text(file.lines()), experiment::count_text(of_file),
                   experiment::count_text(file.copies), file.hold ? "hold" : "-", file.form,
                   experiment::duration_text(file.created),
                   file.name.empty()   ? "-"
                   : file.type.empty() ? file.name
                                       : file.name + " " + file.type});
    }
    if (!contents.files.empty()) put(stdout, for_reader(stdout, table.text(report_width(stdout))));
    print("{}, {}, {}\n", experiment::counted(contents.files.size(), "file"),
          experiment::counted(records, "record"), experiment::counted(pages, "page"));
    end_by(contents);
}

/// "09  TEXT": the command of each record, and its data as text.
void show_records(const SpoolFile& file) {
    for (const SpoolRecord& record : file.records)
        print("{:02X}  {}\n", record.command, isa::to_text(record.data));
}

void show(const SpoolToolOptions& options) {
    const SpoolFolder folder(options.folder, SpoolFolder::Use::look);
    const SpoolFolder::Contents contents = folder.read();
    const auto found = std::find_if(contents.files.begin(), contents.files.end(),
                                    [&](const SpoolFile& file) { return file.number == options.number; });
    if (found == contents.files.end()) {
        read(folder);  // perhaps it is one that is damaged
        throw InputError(
            fmt::format("spool {}: there is no spool file {:04}", options.folder, options.number));
    }
    if (options.records) return show_records(*found);
    if (found->origin == SpoolOrigin::punch) {
        for (const SpoolRecord& record : found->records) {
            std::string card = isa::to_text(card_of(record));
            card.erase(card.find_last_not_of(' ') + 1);
            print("{}\n", card);
        }
        return;
    }
    vmcp::print(*found, nullptr, [](std::string_view text) { put(stdout, text); });
}

void purge(const SpoolToolOptions& options) {
    if (options.all == !options.numbers.empty())
        throw InputError("expected the numbers of spool files, or --all");
    SpoolFolder folder(options.folder, SpoolFolder::Use::change);
    const SpoolFolder::Contents contents = read(folder);
    std::vector<unsigned> numbers = options.numbers;
    for (const SpoolFile& file : contents.files)
        if (options.all) numbers.push_back(file.number);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    for (const unsigned number : numbers)
        if (std::none_of(contents.files.begin(), contents.files.end(),
                         [&](const SpoolFile& file) { return file.number == number; }))
            throw InputError(fmt::format("spool {}: there is no spool file {:04}; nothing was purged",
                                         options.folder, number));
    std::vector<unsigned> left;
    for (const SpoolFile& file : contents.files)
        if (!std::binary_search(numbers.begin(), numbers.end(), file.number)) left.push_back(file.number);
    if (std::is_sorted(left.begin(), left.end())) left.clear();
    for (const unsigned number : numbers) folder.remove(number);
    folder.put_index(contents.next, left);
    print("{} purged\n", experiment::counted(numbers.size(), "file"));
    end_by(contents);
}

}  // namespace

void add_spool(CLI::App& app) {
    auto o = std::make_shared<SpoolToolOptions>();
    CLI::App* spool = app.add_subcommand("spool", "List, show and purge the spool files of a folder");
    spool->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, void (*run)(const SpoolToolOptions&)) {
        CLI::App* sub = spool->add_subcommand(name, what);
        sub->add_option("DIR", o->folder, "The folder: [spool] folder of a scenario, or --spool of vmcp run")
            ->required();
        sub->callback([o, run] { run(*o); });
        return sub;
    };
    add("list", "List the files in the order of their queues", list)
        ->footer("Example:\n  vmcp spool list spool");

    CLI::App* sub = add("show", "Show a file: what would be printed, or the cards", show);
    sub->add_option("NUMBER", o->number, "The file")->required()->check(whole_number(1, kMostSpoolNumber));
    sub->add_flag("--records", o->records, "Its records instead: command and data");
    sub->footer("Examples:\n  vmcp spool show spool 3\n  vmcp spool show spool 3 --records");

    sub = add("purge", "Take files away", purge);
    sub->add_option("NUMBER", o->numbers, "The files")->check(whole_number(1, kMostSpoolNumber));
    sub->add_flag("--all", o->all, "All of them");
    sub->footer("Examples:\n  vmcp spool purge spool 3 4\n  vmcp spool purge spool --all");

    spool->footer(
        "Examples:\n"
        "  vmcp spool list spool\n"
        "  vmcp spool show spool 3\n"
        "  vmcp spool purge spool --all\n"
        "docs/spooling.md says what a folder holds.");
}

}  // namespace vmcp::cli
