// vmcp debug: a run, forward and back.
#include <fmt/format.h>

#include <memory>

#include "simulation/model/capitals.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/ending.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/gdb_line.hpp"
#include "vmcp/cli/keyboard.hpp"
#include "vmcp/cli/limits.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/debug/debugged_run.hpp"
#include "vmcp/debug/prompt.hpp"
#include "vmcp/debug/screen.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/gdb/gdb_frontend.hpp"

namespace vmcp::cli {
namespace {

struct DebugOptions {
    ScenarioOptions scenario;  // its file may be a program, too
    LimitOptions limits;
    std::string vm, storage, gdb;
    std::vector<std::string> copy_directories;
    bool natively = false, prompt = false;
};

/// What is debugged, and what must be there as long as it runs.
struct Debuggee {
    simulation::MachineModel machine;
    std::optional<experiment::VmDescription> native;
    std::optional<experiment::Scenario> scenario;
    experiment::BareDisks disks;
    experiment::PrivateMedia media;
    simulation::RunLimits limits;

    std::unique_ptr<debug::Subject> subject() {
        if (native) return debug::native_subject(machine, *native, limits);
        return debug::scenario_subject(*scenario);
    }
};

void read_program(const DebugOptions& options, Debuggee& debuggee) {
    const std::string& model = options.scenario.model;
    debuggee.machine = simulation::MachineModel::load(model.empty() ? "s370-158" : model);
    experiment::VmDescription& vm = debuggee.native.emplace();
    const std::string& file = options.scenario.file;
    vm.guest = is_source(file) ? experiment::assemble_guest(file, options.copy_directories)
                               : experiment::core_guest(file);
    if (vm.guest->source != nullptr) print_error("{}", vm.guest->source->warnings);
    vm.options.storage = options.storage.empty() ? 0 : parse_storage_size(options.storage);
    options.limits.apply(vm);
}

void read_scenario(const DebugOptions& options, Debuggee& debuggee) {
    experiment::Scenario scenario = options.scenario.read();
    for (experiment::VmDescription& vm : scenario.vms) options.limits.apply(vm);
    options.limits.apply(scenario);
    debuggee.limits.time = scenario.time_limit;
    if (!options.natively) {
        debuggee.media.replace_in(scenario);
        debuggee.scenario = std::move(scenario);
        return;
    }
    if (options.vm.empty() && scenario.vms.size() != 1)
        throw InputError(fmt::format("{}: there are {} virtual machines: expected --vm NAME to choose one",
                                     scenario.file, scenario.vms.size()));
    for (const experiment::VmDescription& vm : scenario.vms)
        if (options.vm.empty() || vm.options.name == options.vm) {
            debuggee.machine = scenario.machine;
            debuggee.native = experiment::bare_machine(scenario, vm, debuggee.disks);
            debuggee.media.replace_in(*debuggee.native);
            return;
        }
    throw InputError(fmt::format("{}: there is no virtual machine \"{}\"", scenario.file, options.vm));
}

/// The machine that is looked at first: a virtual one, if there is any.
debug::MachineNumber focus_of(const DebugOptions& options, const debug::Session& session) {
    if (options.vm.empty() || options.natively) return session.machines() > 1 ? 1 : debug::kRealMachine;
    const auto machine = session.find(options.vm);
    if (!machine)
        throw InputError(
            fmt::format("{}: there is no virtual machine \"{}\"", options.scenario.file, options.vm));
    return *machine;
}

void check_machine(const DebugOptions& options, const Debuggee& debuggee) {
    if (options.vm.empty() || !debuggee.scenario) return;
    for (const experiment::VmDescription& vm : debuggee.scenario->vms)
        if (simulation::capitals(vm.options.name) == simulation::capitals(options.vm)) return;
    throw InputError(
        fmt::format("{}: there is no virtual machine \"{}\"", options.scenario.file, options.vm));
}

int debug_by_gdb(const DebugOptions& options, Debuggee& debuggee, debug::Checkpoints& checkpoints) {
    check_machine(options, debuggee);
    InterruptKey interrupt;
    bool begun = false;
    const auto line = await_gdb(options.gdb, [&] {
        if (begun && interrupt.is_pressed()) checkpoints.finish(kInterrupted);
        return interrupt.is_pressed();
    });
    if (line == nullptr) return kInterrupted;
    begun = true;
    return checkpoints.keep([&] {
        const std::unique_ptr<debug::Subject> subject = debuggee.subject();
        gdb::GdbFrontend front_end(*line, debuggee.scenario ? options.vm : "");
        debug::DebuggedRun(*subject, checkpoints, front_end).run();
        return 0;
    });
}

/// On a screen, or at a prompt.
template <class Front, class... Arguments>
int debug_by_hand(const DebugOptions& options, Debuggee& debuggee, debug::Checkpoints& checkpoints,
                  Arguments&&... arguments) {
    check_machine(options, debuggee);
    return checkpoints.keep([&] {
        InterruptKey interrupt;
        const std::unique_ptr<debug::Subject> subject = debuggee.subject();
        Front front(std::forward<Arguments>(arguments)..., [&interrupt] { return interrupt.pressed(); });
        if constexpr (std::is_same_v<Front, debug::Prompt>)
            front.on_failure = [&checkpoints](int failed) { checkpoints.finish(failed); };
        debug::DebuggedRun run(*subject, checkpoints, front);
        front.set_focus(focus_of(options, run));
        run.run();
        return 0;
    });
}

int run_debugger(const DebugOptions& options) {
    Debuggee debuggee;
    if (options.scenario.file.ends_with(".toml"))
        read_scenario(options, debuggee);
    else
        read_program(options, debuggee);
    debuggee.limits.patience = experiment::kEndlessWait;
    flush(stdout);
    debug::Checkpoints checkpoints(debuggee.media.folder());
    if (!options.gdb.empty()) return debug_by_gdb(options, debuggee, checkpoints);
    const bool terminal = is_terminal(stdin) && is_terminal(stdout);
    if (!terminal || options.prompt)
        return debug_by_hand<debug::Prompt>(options, debuggee, checkpoints, terminal);
    const int status = debug_by_hand<debug::Screen>(options, debuggee, checkpoints);
    // One that has crashed could not give the screen back.
    if (status == debug::Checkpoints::kCrashed) {
        print("\x1b[?1049l\x1b[0m\x1b[?25h\n");
        print_error("vmcp: error: the debugger has crashed\n");
    }
    return status;
}

}  // namespace

void add_debug(CLI::App& app) {
    auto options = std::make_shared<DebugOptions>();
    CLI::App* sub = app.add_subcommand("debug", "Debug a run, forward and back");
    options->scenario.add_to(*sub);
    sub->get_option("scenario")
        ->description("A scenario; or a program, in assembler or as a core file, that runs natively")
        ->type_name("SCENARIO.toml|PROGRAM.asm|CORE[@HEXADDR]");
    sub->add_option("--vm", options->vm, "The virtual machine that is looked at first")->type_name("NAME");
    sub->add_flag("--native", options->natively, "Of a scenario: its guest (--vm) alone on the bare machine");
    sub->add_option("--copy", options->copy_directories,
                    "Of a source: where COPY looks for members; may be repeated")
        ->allow_extra_args(false)
        ->type_name("DIR");
    sub->add_option("--storage", options->storage, "Of a program: real storage, such as 256K")
        ->type_name("SIZE");
    sub->add_flag("--prompt", options->prompt, "Commands at a prompt, and no screen");
    sub->add_option(
           "--gdb", options->gdb,
           "Let gdb do it: wait there for its \"target remote\" (on this host only, unless there is an "
           "address); - is standard input and output. It sees the machine of --vm, or the real one")
        ->check(CLI::Validator([](const std::string& text) { return wrong_gdb_address(text); }, "", ""))
        ->type_name("[ADDRESS]:PORT");
    options->limits.add_to(*sub);
    sub->footer(
        "Disks and tapes are copies: what the run writes there is gone with it.\n"
        "Examples:\n"
        "  vmcp debug hello.asm                        step by step, forward and back\n"
        "  vmcp debug examples/scenarios/timesharing.toml --vm HELLO\n"
        "  vmcp debug scenario.toml --native --vm HELLO   on the bare machine\n"
        "  vmcp debug --gdb :3333 hello.asm            for gdb-multiarch (docs/gdb.md)\n"
        "  vmcp debug hello.asm < commands.txt         commands from a file: HELP lists them");
    set_machine_command(*sub, [options] {
        if (const int status = run_debugger(*options); status != 0) throw CLI::RuntimeError(status);
    });
}

}  // namespace vmcp::cli
