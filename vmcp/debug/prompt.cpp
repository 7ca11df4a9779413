#include "vmcp/debug/prompt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "vmcp/panel/operands.hpp"

namespace vmcp::debug {
namespace {

/// A line of standard input, byte by byte: what were read beyond it would be lost to the process that takes
/// over.
std::optional<std::string> read_line() {
    std::string line;
    while (true) {
        char c = 0;
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {  // Ctrl-C at the prompt: another line
            std::fputs("\n", stdout);
            return "";
        }
        if (n <= 0) return line.empty() ? std::nullopt : std::optional(line);
        if (c == '\n') return line;
        if (c != '\r') line += c;
    }
}

void show(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

Resume Prompt::stopped(Session& session, const Stopped& why) {
    const Commands::Answer first = commands_.stopped(session, why);
    if (first.resume) return *first.resume;
    show(first.text);
    while (true) {
        if (shown_) show("VMCP> ");
        const std::optional<std::string> line = read_line();
        wants_to_stop_();  // at the prompt Ctrl-C means nothing
        ++line_;
        if (!line) {
            if (shown_) show("\n");
            return {Resume::Kind::leave, false, 0, {}};
        }
        try {
            const Commands::Answer answer = commands_.command(session, *line);
            show(answer.text);
            if (answer.resume) return *answer.resume;
        } catch (const std::runtime_error& error) {
            if (shown_) {
                show(fmt::format("{}\n", error.what()));
                continue;
            }
            std::fflush(stdout);
            fmt::print(stderr, "vmcp: error: standard input:{}: {}\n", line_, error.what());
            on_failure(kFailed);
        }
    }
}

nlohmann::json Prompt::save() const { return {{"commands", commands_.save()}, {"line", line_}}; }

void Prompt::restore(const nlohmann::json& json) {
    commands_.restore(json.at("commands"));
    json.at("line").get_to(line_);
}

}  // namespace vmcp::debug
