// One kind of trap in a loop, for tools that count: bench_traps KEY ROUNDS [empty]. A round has 8 of them;
// with "empty" the loop has none. bench/host_instructions.py takes the difference.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "bench/support/trap_kinds.hpp"
#include "simulation/executor/translator/executor_choice.hpp"

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: bench_traps KEY ROUNDS [empty]\n");
        return 2;
    }
    try {
        simulation::choose_executor(
            simulation::executor_of_environment().value_or(simulation::ExecutorKind::interpreter));
        const bool with = argc < 4 || std::string_view(argv[3]) != "empty";
        const bench::TrapKind& kind = bench::trap_kind(argv[1]);
        bench::run_trap_program(bench::trap_program(kind, with),
                                static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)), kind.assisted);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_traps: %s\n", error.what());
        return 1;
    }
}
