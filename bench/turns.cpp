// Turns, for tools that count: bench_turns KEY TURNS prints how many there were.
//
//   dispatch: ten virtual machines loop, and take turns of about 20 guest instructions
//   block: the bare machine goes on from one block to the next; a block is one BRANCH ON COUNT
//   fill: a guest touches page after page for the first time
//   page_in: a guest touches page after page of which each lies on a drum
//   read, read_fast, read_native: a 4K record of a disk is read, by a guest or on a bare machine
//   any of bench/kernels: an instruction of that kernel is executed; TURNS are its rounds
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/support/disk_reads.hpp"
#include "bench/support/kernels.hpp"
#include "bench/support/looping_guests.hpp"
#include "bench/support/page_faults.hpp"
#include "bench/support/program.hpp"
#include "simulation/executor/translator/executor_choice.hpp"
#include "simulation/machine/machine.hpp"

namespace {

uint64_t dispatch(uint32_t turns) {
    bench::LoopingGuests guests("round-robin", 10);
    return guests.turns(turns);
}

uint64_t blocks(uint32_t turns) {
    const bench::Program program(
        "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\n"
        "BEGIN BALR 12,0\n USING *,12\n L 11,COUNT\n"
        "LOOP BCT 11,LOOP\n LPSW DONE\n"
        " DS 0D\nDONE DC X'0002000000000000'\nCOUNT DC F'1'\n END BEGIN\n",
        "block");
    const auto image = program.image(turns);
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), simulation::kMebibyte);
    machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    machine.restart();
    if (machine.run() != simulation::Stop::disabled_wait) throw std::runtime_error("the program failed");
    return turns;
}

/// A kernel of bench/kernels on the bare machine: instructions.
uint64_t run(const bench::Kernel& kernel, uint32_t rounds) {
    const std::string name(kernel.name);
    const auto program = kernel.in_c ? bench::Program::kernel_in_c(name) : bench::Program::kernel(name);
    const auto image = program.image(rounds);
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), 16 * simulation::kMebibyte);
    machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    machine.restart();
    if (machine.run() != simulation::Stop::disabled_wait || machine.cpu().psw().address != 0)
        throw std::runtime_error("the kernel failed");
    return machine.cpu().counters().instructions;
}

struct Kind {
    std::string_view key;
    uint64_t (*take)(uint32_t turns);
};
constexpr Kind kKinds[] = {
    {"dispatch", &dispatch},
    {"block", &blocks},
    {"fill", &bench::fill_pages},
    {"page_in", &bench::bring_pages_in},
    {"read", &bench::read_translated},
    {"read_fast", &bench::read_fast},
    {"read_native", &bench::read_natively},
};

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc == 3 ? argv[1] : "";
    const Kind* const kind = std::ranges::find(kKinds, what, &Kind::key);
    const auto kernels = bench::kernels();
    const auto kernel = std::ranges::find(kernels, what, &bench::Kernel::name);
    if (kind == std::end(kKinds) && kernel == kernels.end()) {
        std::fprintf(
            stderr,
            "usage: bench_turns dispatch|block|fill|page_in|read|read_fast|read_native|KERNEL TURNS\n");
        return 2;
    }
    try {
        simulation::choose_executor(
            simulation::executor_of_environment().value_or(simulation::ExecutorKind::interpreter));
        const auto turns = static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10));
        const uint64_t done = kind != std::end(kKinds) ? kind->take(turns) : run(*kernel, turns);
        std::printf("%llu\n", static_cast<unsigned long long>(done));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_turns: %s\n", error.what());
        return 1;
    }
}
