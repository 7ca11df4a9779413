// vmcp calibrate: a control-program model from a control program that is executed.
#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/calibration.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::cli {
namespace {

struct CalibrateOptions {
    std::string core, functions, steps, output;
    std::string model = "s370-158-gcc", base = "vm370", name = "executed", storage;
};

// So that a program that never ends does.
constexpr uint64_t kMostInstructions = 1'000'000'000;

std::string summary(const experiment::StepTimes& times, size_t width) {
    const experiment::Spent all = times.control_program();
    experiment::TextPage page(width);
    page.line(
        fmt::format("The control program executed {} in {} of simulated time, interruptions by the "
                    "machine included; its guests {} in {}",
                    experiment::counted(all.instructions, "instruction"), experiment::duration_text(all.time),
                    experiment::counted(times.guests.instructions, "instruction"),
                    experiment::duration_text(times.guests.time)));
    using Align = experiment::TextTable::Align;
    experiment::TextTable table({"step", Align::left}, {{"times"}, {"instructions"}, {"time"}, {"share"}});
    const auto row = [&](std::string name, const std::string& count, const experiment::Spent& spent) {
        table.row(std::move(name),
                  {count, experiment::count_text(spent.instructions), experiment::duration_text(spent.time),
                   experiment::share_text(static_cast<double>(spent.time), static_cast<double>(all.time))});
    };
    for (unsigned i = 0; i < kSteps; ++i)
        if (times.steps[i].times != 0)
            row(std::string(kStepNames[i]), experiment::count_text(times.steps[i].times),
                times.steps[i].spent);
    row("(interruptions, by the machine)", "-", times.interruptions);
    row("(in no step: start and end)", "-", times.in_no_step);
    page.table(table);
    return page.take();
}

void calibrate(const CalibrateOptions& options) {
    check_outputs({{"--output", options.output}}, {options.core, options.functions, options.steps});
    const auto machine = simulation::MachineModel::load(options.model);
    const auto base = ControlProgramModel::load(options.base, machine);
    const auto steps = experiment::StepFunctions::load(options.steps);
    experiment::VmDescription program;
    program.guest = experiment::core_guest(options.core);
    program.options.storage = options.storage.empty() ? 0 : parse_storage_size(options.storage);
    experiment::NativeMachine native(machine, program);
    experiment::StepTimer timer(native.machine(), options.functions, steps);
    const experiment::NativeResult result = native.run({.instructions = kMostInstructions});
    if (!experiment::ended_well(result))
        throw InputError(fmt::format("{}: the control program has ended in {}: expected a disabled wait at 0",
                                     options.core, stop_word(result)));
    const experiment::StepTimes times = timer.times();
    write_file(options.output, experiment::calibrated_model(steps, times, base, machine.name, options.name));
    print_error("{}", summary(times, report_width(stderr)));
}

}  // namespace

void add_calibrate(CLI::App& app) {
    auto options = std::make_shared<CalibrateOptions>();
    CLI::App* sub = app.add_subcommand(
        "calibrate",
        "Make a control-program model from a control program that is executed on the bare machine");
    sub->add_option("--core", options->core, "Its core image, guests included")
        ->required()
        ->type_name("FILE");
    sub->add_option("--functions", options->functions, "Its ELF file, for the symbols")
        ->required()
        ->type_name("ELF");
    sub->add_option("--steps", options->steps, "Which functions do which step (TOML)")
        ->required()
        ->type_name("FILE");
    sub->add_option("-o,--output", options->output, "The model (TOML); - for standard output")
        ->required()
        ->type_name("FILE");
    sub->add_option("--model", options->model, "Machine model")->capture_default_str();
    sub->add_option("--storage", options->storage, "Real storage, such as 2M (default: the model's)")
        ->type_name("SIZE");
    sub->add_option("--base", options->base,
                    "Control-program model that has the prices of steps which it does not do")
        ->capture_default_str();
    sub->add_option("--name", options->name, "Name of the model")->capture_default_str();
    sub->footer(
        "Example:\n"
        "  vmcp calibrate --core cp.core --functions cp.elf --steps steps.toml -o cp.toml\n"
        "  vmcp run users.toml --cp-model cp.toml");
    set_machine_command(*sub, [options] { calibrate(*options); });
}

}  // namespace vmcp::cli
