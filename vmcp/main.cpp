// The vmcp program. Exit codes: vmcp/cli/ending.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <sstream>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/log_options.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/version.hpp"

namespace {

/// Help that takes the width there is: descriptions go on on lines of their own.
class WrappedHelp final : public CLI::Formatter {
  public:
    std::string make_option_desc(const CLI::Option* option) const override {
        return wrapped(option->get_description());
    }
    std::string make_description(const CLI::App* app) const override {
        std::string text;
        for (const std::string& line :
             vmcp::experiment::wrap(app->get_description(), vmcp::cli::report_width(stdout)))
            text += line + '\n';
        return text;
    }
    /// Examples, whose remarks stand two blanks behind the command, and below it on a narrow terminal.
    std::string make_footer(const CLI::App* app) const override {
        std::istringstream lines(CLI::Formatter::make_footer(app));
        std::string text;
        for (std::string line; std::getline(lines, line); text += line + '\n') {
            const size_t end = line.find("  ", line.find_first_not_of(' '));
            if (line.size() <= vmcp::cli::report_width(stdout) || end == std::string::npos) continue;
            line.replace(end, line.find_first_not_of(' ', end) - end, "\n      ");
        }
        return text;
    }
    std::string make_subcommand(const CLI::App* subcommand) const override {
        std::ostringstream text;
        CLI::detail::format_help(text, subcommand->get_name(), wrapped(subcommand->get_description()),
                                 get_column_width());
        return text.str();
    }

  private:
    std::string wrapped(const std::string& text) const {
        const size_t width = vmcp::cli::report_width(stdout) - get_column_width();
        return fmt::format("{}", fmt::join(vmcp::experiment::wrap(text, width), "\n"));
    }
};

/// The first word that nobody knows: what it might have been meant to be.
std::string unknown_word(const CLI::App& app, const CLI::App* command, const std::string& word) {
    std::vector<std::string> known;
    if (word.starts_with('-')) {
        for (const CLI::App* one : {&app, command})
            if (one != nullptr)
                for (const CLI::Option* option : one->get_options())
                    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    } else if (command == nullptr) {
        for (const CLI::App* one : app.get_subcommands(nullptr)) known.push_back(one->get_name());
    } else {
        return fmt::format("'{}': expected nothing more", word);
    }
    const std::string name = word.substr(0, word.find('='));
    const std::string near = vmcp::cli::nearest(name, known);
    return fmt::format("there is no {} '{}'{}", word.starts_with('-') ? "option" : "command", name,
                       near.empty() ? "" : fmt::format(": was '{}' meant?", near));
}

/// What the parser has to say: help on standard output, or an error.
int tell(const CLI::App& app, const CLI::ParseError& error) {
    std::ostringstream out, err;
    if (app.exit(error, out, err) == 0) {
        vmcp::cli::put(stdout, out.str());
        return 0;
    }
    const auto chosen = app.get_subcommands();
    const CLI::App* const command = chosen.empty() ? nullptr : chosen.front();
    const std::vector<std::string> left = app.remaining(true);
    // An option, for the words behind it may be meant for it.
    auto word = std::find_if(left.begin(), left.end(), [](const auto& w) { return w.starts_with('-'); });
    if (word == left.end()) word = left.begin();
    const bool unknown =
        !left.empty() && (command == nullptr || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr);
    const std::string what = unknown              ? unknown_word(app, command, *word)
                             : command == nullptr ? "expected a command"
                                                  : error.what();
    vmcp::cli::print_error("vmcp: error: {}\nvmcp {}--help explains {}\n", what,
                           command == nullptr ? "" : command->get_name() + " ",
                           command == nullptr ? "the commands" : "this command");
    return vmcp::cli::kWrongUsage;
}

int run(int argc, char** argv) {
    CLI::App app{"VMCP: a VM control program on a simulated System/370, and what it costs", "vmcp"};
    app.formatter(std::make_shared<WrappedHelp>());  // subcommands take it over
    app.set_version_flag(
        "--version", fmt::format("vmcp {} ({})", vmcp::experiment::version(), vmcp::experiment::commit()));
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  vmcp run examples/scenarios/timesharing.toml  guests under the CP\n"
        "  vmcp report result.json -o report.html      the result of a run as a page\n"
        "  vmcp sweep examples/scenarios/overcommit.toml curves\n"
        "  vmcp asm hello.asm -o hello.core --listing hello.lst   assemble a guest\n"
        "  vmcp native hello.asm                       assemble and run it\n"
        "  vmcp debug hello.asm                        forward and back\n"
        "  vmcp check exercise.toml                    is it as expected?\n"
        "  vmcp disasm hello.core --start 200 --length 80\n"
        "  vmcp native --core kernel.core --json -     on the bare machine\n"
        "  vmcp conform --cases 100000 --seed 7        judge by hercules\n"
        "  vmcp conform --channel --unit 3330          the same for channel programs\n"
        "Each subcommand explains itself: vmcp native --help");
    app.fallthrough();  // --log-level may stand behind the subcommand, too
    vmcp::cli::add_log_options(app);
    vmcp::cli::add_code_page_option(app);
    vmcp::cli::add_run(app);
    vmcp::cli::add_report(app);
    vmcp::cli::add_compare(app);
    vmcp::cli::add_check(app);
    vmcp::cli::add_calibrate(app);
    vmcp::cli::add_diff_trace(app);
    vmcp::cli::add_save_system(app);
    vmcp::cli::add_sweep(app);
    vmcp::cli::add_ladder(app);
    vmcp::cli::add_lab(app);
    vmcp::cli::add_nano(app);
    vmcp::cli::add_models(app);
    vmcp::cli::add_assemble(app);
    vmcp::cli::add_disassemble(app);
    vmcp::cli::add_native(app);
    vmcp::cli::add_debug(app);
    vmcp::cli::add_image(app);
    vmcp::cli::add_spool(app);
    vmcp::cli::add_instructions(app);
    vmcp::cli::add_conform(app);
    vmcp::cli::add_audit(app);
    // A file that may not become so long is then an error of the write, as a full disk is.
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::RuntimeError& error) {
        return error.get_exit_code();  // the subcommand has said why
    } catch (const CLI::ParseError& error) {
        return tell(app, error);
    } catch (const vmcp::experiment::GuestSourceError& error) {
        // One line or several; each names its place and says that it is an error.
        vmcp::cli::flush(stdout);
        vmcp::cli::print_error("{}\n", error.what());
        return 1;
    } catch (const std::exception& error) {
        vmcp::cli::flush(stdout);
        vmcp::cli::print_error("vmcp: error: {}\n", error.what());
        return 1;
    }
}

}  // namespace

int main(int argc, char** argv) {
    vmcp::cli::guard_standard_streams();
    return vmcp::cli::finish_standard_streams(run(argc, argv));
}
