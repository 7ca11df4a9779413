// The vmcp program. Exit codes: 0 done, 1 the input or the guest is at fault, 2 wrong usage.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <sstream>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/log_options.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace {

/// Help for terminals of 80 columns: descriptions go on on lines of their own.
class WrappedHelp final : public CLI::Formatter {
  public:
    std::string make_option_desc(const CLI::Option* option) const override {
        return wrapped(option->get_description());
    }
    std::string make_subcommand(const CLI::App* subcommand) const override {
        std::ostringstream text;
        CLI::detail::format_help(text, subcommand->get_name(), wrapped(subcommand->get_description()),
                                 get_column_width());
        return text.str();
    }

  private:
    std::string wrapped(const std::string& text) const {
        const size_t width = 80 - get_column_width();
        return fmt::format("{}", fmt::join(vmcp::experiment::wrap(text, width), "\n"));
    }
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"VMCP: a VM control program on a simulated System/370, and what it costs", "vmcp"};
    app.formatter(std::make_shared<WrappedHelp>());  // subcommands take it over
    app.set_version_flag("--version", "vmcp 0.1.0");
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  vmcp run examples/scenarios/timesharing.toml  guests under the CP\n"
        "  vmcp sweep examples/scenarios/overcommit.toml curves\n"
        "  vmcp asm hello.asm -o hello.core --listing hello.lst   assemble a guest\n"
        "  vmcp disasm hello.core --start 200 --length 80\n"
        "  vmcp native --core kernel.core --json -     on the bare machine\n"
        "  vmcp conform --cases 100000 --seed 7        judge by hercules\n"
        "  vmcp conform --channel --unit 3330          the same for channel programs\n"
        "Each subcommand explains itself: vmcp native --help");
    app.fallthrough();  // --log-level may stand behind the subcommand, too
    vmcp::cli::add_log_options(app);
    vmcp::cli::add_run(app);
    vmcp::cli::add_compare(app);
    vmcp::cli::add_sweep(app);
    vmcp::cli::add_assemble(app);
    vmcp::cli::add_disassemble(app);
    vmcp::cli::add_native(app);
    vmcp::cli::add_image(app);
    vmcp::cli::add_instructions(app);
    vmcp::cli::add_conform(app);
    // A file that may not become so long is then an error of the write, as a full disk is.
    std::signal(SIGXFSZ, SIG_IGN);
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
