// vmcp instructions: the instruction table as a person reads it. docs/instructions.md is its output with
// --markdown.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "isa/instruction.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/instruction_reference.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/conformance/conformance.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::cli {
namespace {

std::string_view class_name(isa::Privilege privilege) {
    static constexpr std::string_view names[] = {"problem", "privileged", "semiprivileged"};
    return names[static_cast<unsigned>(privilege)];
}

std::string opcode_of(const isa::Row& row) {
    return row.opcode > 0xFFF  ? fmt::format("{:04X}", row.opcode)
           : row.opcode > 0xFF ? fmt::format("{:03X}", row.opcode)
                               : fmt::format("{:02X}", row.opcode);
}

}  // namespace

std::string instruction_reference() {
    std::string text =
        "# Instruction reference\n\n"
        "Made from `isa/instruction_table.inc` by `vmcp instructions --markdown`; a test holds the two "
        "together.\n"
        "The chapter is that of GA22-7000, where the title names the paragraph. The cost class is what a "
        "machine model\n"
        "prices (see models.md). The cases are those of the instruction in a conformance run of a million "
        "(see\n"
        "conformance.md). Facilities are what a machine model may leave out:\n\n";
    for (unsigned f = 0; f < std::size(isa::kFacilityNames); ++f)
        text += fmt::format("- `{}`: {}\n", isa::kFacilityNames[f], isa::kFacilityTexts[f]);
    text += fmt::format("\n{} instructions.\n\n", isa::kRowCount);
    text += "| mnemonic | opcode | format | class | cost class | facility | chapter | cases | title |\n";
    text += "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const isa::Row& row : isa::kRows)
        text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", row.mnemonic, opcode_of(row),
                            isa::layout_name(row.format), class_name(row.privilege),
                            isa::kCostClassNames[static_cast<unsigned>(row.cost)],
                            isa::kFacilityNames[static_cast<unsigned>(row.facility)], row.chapter,
                            conformance::planned_cases(static_cast<isa::Op>(&row - isa::kRows), 1'000'000),
                            row.title);
    return text;
}

void add_instructions(CLI::App& app) {
    auto markdown = std::make_shared<bool>(false);
    CLI::App* sub =
        app.add_subcommand("instructions", "List the instructions that the simulated machine knows");
    sub->add_flag("--markdown", *markdown, "As the reference in docs/instructions.md");
    sub->callback([markdown] {
        if (*markdown) {
            print("{}", instruction_reference());
            return;
        }
        experiment::TextPage page(report_width(stdout));
        for (const isa::Row& row : isa::kRows) {
            const std::string about = fmt::format("{:<6} {:<5} {:<4} {:<15} ", row.mnemonic, opcode_of(row),
                                                  isa::layout_name(row.format), class_name(row.privilege));
            page.line(about + std::string(row.title), about.size());
        }
        put(stdout, page.take());
    });
}

}  // namespace vmcp::cli
