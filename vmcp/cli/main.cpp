// The vmcp program. Exit codes: 0 done, 1 the input or the guest is at fault, 2 wrong usage.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "vmcp/cli/commands.hpp"
#include "vmcp/experiment/guest_image.hpp"

int main(int argc, char** argv) {
    CLI::App app{"VMCP: a VM control program on a simulated System/370, and what it costs", "vmcp"};
    app.set_version_flag("--version", "vmcp 0.1.0");
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  vmcp run examples/scenarios/timesharing.toml           guests under the control program\n"
        "  vmcp sweep examples/scenarios/overcommit.toml          a curve over the overcommit factor\n"
        "  vmcp asm hello.asm -o hello.core --listing hello.lst   assemble a guest\n"
        "  vmcp disasm hello.core --start 200 --length 80\n"
        "  vmcp native --core kernel.core --json -     run a raw core image on the bare machine\n"
        "  vmcp conform --cases 100000 --seed 7        judge the machine by a second implementation\n"
        "  vmcp conform --channel --unit 3330          the same for channel programs on a disk\n"
        "Each subcommand explains itself: vmcp native --help");
    vmcp::cli::add_run(app);
    vmcp::cli::add_compare(app);
    vmcp::cli::add_sweep(app);
    vmcp::cli::add_assemble(app);
    vmcp::cli::add_disassemble(app);
    vmcp::cli::add_native(app);
    vmcp::cli::add_image(app);
    vmcp::cli::add_instructions(app);
    vmcp::cli::add_conform(app);
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::RuntimeError& error) {
        return error.get_exit_code();  // the subcommand has said why
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const vmcp::experiment::GuestError& error) {
        // One line or several; each names its place.
        std::fflush(stdout);
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    } catch (const std::exception& error) {
        std::fflush(stdout);
        fmt::print(stderr, "vmcp: error: {}\n", error.what());
        return 1;
    }
}
