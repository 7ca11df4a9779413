#include "bench/support/kernel_runner.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "bench/support/control_program_host.hpp"
#include "bench/support/host_clock.hpp"
#include "simulation/executor/translator/executor_choice.hpp"
#include "simulation/machine/machine.hpp"

namespace bench {
namespace {

constexpr uint32_t kStorage = 4 * simulation::kMebibyte;
/// Simulated time after which a kernel is believed not to end.
constexpr simulation::SimTime kMost = 20'000 * simulation::kSecond;

/// Machines that are made while this lives get that executor.
class Chosen {
  public:
    explicit Chosen(simulation::ExecutorKind kind) : before_(simulation::chosen_executor()) {
        simulation::choose_executor(kind);
    }
    ~Chosen() { simulation::choose_executor(before_); }
    Chosen(const Chosen&) = delete;
    Chosen& operator=(const Chosen&) = delete;

  private:
    simulation::ExecutorKind before_;
};

}  // namespace

std::string_view name_of(Side side) {
    switch (side) {
        case Side::interpreter: return "interpreter";
        case Side::translator: return "translator";
        case Side::hercules: return "hercules";
        case Side::guest_interpreter: return "guest_interpreter";
        case Side::guest_translator: return "guest_translator";
    }
    return "";
}

KernelRunner::KernelRunner(const Kernel& kernel, vmcp::conformance::Hercules* hercules)
    : name_(kernel.name),
      model_(kernel.in_c ? "s370-158-gcc" : "s370-158"),
      architecture_(kernel.in_c ? vmcp::conformance::Architecture::esa390
                                : vmcp::conformance::Architecture::s370),
      hercules_(hercules),
      program_(kernel.in_c ? Program::kernel_in_c(name_) : Program::kernel(name_)) {}

void KernelRunner::fail(std::string_view stop, uint32_t address) const {
    throw std::runtime_error(
        fmt::format("expected a disabled wait at 000000, the kernel's sign that its result is right, "
                    "not {} at {:06X}",
                    stop, address));
}

KernelRunner::Run KernelRunner::run_natively(uint32_t rounds) const {
    simulation::Machine machine(simulation::MachineModel::load(model_), kStorage);
    const std::vector<uint8_t> image = program_.image(rounds);
    machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    machine.restart();
    simulation::Stop stop{};
    Run run;
    run.seconds = seconds_of([&] { stop = machine.run({.time = kMost}); });
    run.instructions = machine.cpu().counters().instructions;
    run.translated = machine.executor().counts().translated;
    if (stop != simulation::Stop::disabled_wait || machine.cpu().psw().address != 0)
        fail(name_of(stop), machine.cpu().psw().address);
    return run;
}

double KernelRunner::run_as_guest(uint32_t rounds) const {
    ControlProgramHost host(4 * kStorage, {}, "round-robin", 50 * simulation::kMillisecond, model_);
    vmcp::VirtualMachine& vm = host.start(program_.image(rounds), kStorage);
    const double seconds = seconds_of([&] { host.cp.run(kMost); });
    if (vm.stop != vmcp::StopReason::disabled_wait || vm.state.psw.address != 0)
        fail(name_of(vm.stop), vm.state.psw.address);
    return seconds;
}

double KernelRunner::run_on_hercules(uint32_t rounds) const {
    const auto outcome = hercules_->run({.core = {0, program_.image(rounds)},
                                         .storage_size = kStorage,
                                         .dumps = {},
                                         .architecture = architecture_});
    const auto address = static_cast<uint32_t>(outcome.psw & 0xFFFFFF);
    if (outcome.stop != vmcp::conformance::Stop::disabled_wait || address != 0)
        fail(name_of(outcome.stop), address);
    return outcome.cpu_seconds;
}

double KernelRunner::seconds(Side side, uint32_t rounds) const {
    const bool translate = side == Side::translator || side == Side::guest_translator;
    const Chosen chosen(translate ? simulation::ExecutorKind::automatic
                                  : simulation::ExecutorKind::interpreter);
    try {
        switch (side) {
            case Side::interpreter:
            case Side::translator: return run_natively(rounds).seconds;
            case Side::hercules: return run_on_hercules(rounds);
            case Side::guest_interpreter:
            case Side::guest_translator: return run_as_guest(rounds);
        }
    } catch (const std::runtime_error& error) {
        throw std::runtime_error(
            fmt::format("kernel {}, {}, {} rounds: {}", name_, name_of(side), rounds, error.what()));
    }
    return 0;
}

double KernelRunner::instructions_a_round() const {
    constexpr uint32_t kFew = 8, kMany = 40;
    const Chosen chosen(simulation::ExecutorKind::interpreter);
    return static_cast<double>(run_natively(kMany).instructions - run_natively(kFew).instructions) /
           (kMany - kFew);
}

simulation::TranslationCounts KernelRunner::translated(uint32_t rounds) const {
    const Chosen chosen(simulation::ExecutorKind::automatic);
    return run_natively(rounds).translated;
}

}  // namespace bench
