#include "vmcp/conformance/hercules.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "simulation/model/temporary_directory.hpp"
#include "vmcp/conformance/child_process.hpp"

namespace vmcp::conformance {
namespace {

void write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

std::vector<uint8_t> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string bytes = text.str();
    return {bytes.begin(), bytes.end()};
}

/// Talks to the child and remembers its last lines for error messages.
class Dialogue {
  public:
    explicit Dialogue(ChildProcess& child) : child_(child) {}

    void say(const std::string& command) { child_.write(command + "\n"); }

    /// The next line; throws where the child ends or is silent for `seconds`.
    std::string hear(double seconds) {
        std::string line;
        switch (child_.read_line(line, seconds)) {
            case ChildProcess::Read::line: break;
            case ChildProcess::Read::end: fail("ended by itself");
            case ChildProcess::Read::timeout: fail("did not answer in time");
        }
        remember(line);
        return line;
    }

    /// The next line; nothing where the child is silent for `seconds`.
    std::optional<std::string> try_to_hear(double seconds) {
        std::string line;
        switch (child_.read_line(line, seconds)) {
            case ChildProcess::Read::line: break;
            case ChildProcess::Read::end: fail("ended by itself");
            case ChildProcess::Read::timeout: return std::nullopt;
        }
        remember(line);
        return line;
    }

    void remember(const std::string& line) {
        last_.push_back(line);
        if (last_.size() > 8) last_.pop_front();
    }

    [[noreturn]] void fail(std::string_view what) const {
        std::string text = fmt::format("hercules {}; it last printed:", what);
        for (const std::string& line : last_) text += "\n    " + line;
        throw std::runtime_error(text);
    }

  private:
    ChildProcess& child_;
    std::deque<std::string> last_;
};

/// The registers that `command` displays, named in order ("GR00=00000001  GR01=..."), on as many lines as it
/// takes. A value of 16 digits comes as two words of 8. A message of another thread may come in the middle of
/// a line; then the command is given again.
template <class T, size_t count, class Name>
void ask_for_values(Dialogue& dialogue, const std::string& command, std::array<T, count>& values, Name name) {
    constexpr unsigned kAttempts = 5;
    constexpr double kSilence = 5;  // host seconds after which no more of a display is expected
    const auto parse = [](std::string_view text, T& value) {
        std::string digits(text.substr(0, 8));
        size_t end = 8;
        if (sizeof(T) == 8 && text.size() >= 17 && text[8] == ' ') {
            digits += text.substr(9, 8);
            end = 17;
        }
        if (digits.size() != 2 * sizeof(T) || (text.size() > end && text[end] != ' ') ||
            digits.find_first_not_of("0123456789ABCDEF") != std::string::npos)
            return false;
        value = static_cast<T>(std::stoull(digits, nullptr, 16));
        return true;
    };
    for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
        dialogue.say(command);
        size_t known = 0;
        while (known < count) {
            const auto line = dialogue.try_to_hear(kSilence);
            if (!line) break;
            size_t at;
            while (known < count && (at = line->find(name(known))) != std::string::npos &&
                   parse(std::string_view(*line).substr(at + name(known).size()), values[known]))
                ++known;
        }
        if (known == count) return;
    }
    dialogue.fail("printed a register in another form than expected");
}

/// Host seconds for whatever should take milliseconds: generous, because the host may be busy with other
/// things.
constexpr double kAnswer = 60;

/// Gives a command until it is done. The CPU thread may still be on its way to the stopped state: then the
/// command is refused, and given again. From time to time `reminder` (a command or nothing) goes before it.
void insist(Dialogue& dialogue, const std::string& command, std::string_view done, std::string_view refused,
            std::string_view reminder = {}) {
    constexpr unsigned kReminderEvery = 64;  // refusals, a millisecond or more each
    const double deadline = host_seconds_now() + kAnswer;
    for (unsigned refusals = 1;; ++refusals) {
        dialogue.say(command);
        std::string line;
        do line = dialogue.hear(deadline - host_seconds_now());
        while (!line.starts_with(done) && !line.starts_with(refused));
        if (line.starts_with(done)) return;
        if (host_seconds_now() > deadline) dialogue.fail(fmt::format("went on refusing \"{}\"", command));
        usleep(1000);
        if (refusals % kReminderEvery == 0 && !reminder.empty()) dialogue.say(std::string(reminder));
    }
}

std::string configuration(const RunRequest& request) {
    // No CNSLPORT or HTTPPORT: no listener is started without a device that needs it. OSTAILOR QUIET keeps it
    // from printing a line for each of thousands of program interruptions. Priorities 0 need no privilege.
    // CPU model and serial number are those of the model `unit`, for STIDP.
    std::string text = fmt::format(
        "ARCHMODE {}\n"
        "CPUSERIAL 000001\n"
        "CPUMODEL 0370\n"
        "CPUVERID 00\n"
        "MAINSIZE {}\n"
        "NUMCPU 1\n"
        "MAXCPU 1\n"
        "TODDRAG 1.0\n"
        "TIMERINT 1000000\n"
        "PANRATE 5000\n"
        "LOGOPT NOTIMESTAMP\n"
        "OSTAILOR QUIET\n"
        "HERCPRIO 0\n"
        "TODPRIO 0\n"
        "DEVPRIO 0\n"
        "CPUPRIO 0\n"
        "SHCMDOPT DISABLE\n"
        "000C 3505\n",
        request.architecture == Architecture::s370 ? "S/370" : "ESA/390", request.storage_size >> 20);
    for (const std::string& device : request.devices) text += device + "\n";
    return text;
}

}  // namespace

std::optional<std::filesystem::path> Hercules::find() {
    const auto usable = [](const std::filesystem::path& p) { return access(p.c_str(), X_OK) == 0; };
    if (const char* given = std::getenv("VMCP_HERCULES"); given && *given) {
        if (usable(given)) return std::filesystem::absolute(given);
        return std::nullopt;
    }
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (const std::filesystem::path p = std::filesystem::path(folder) / "hercules"; usable(p)) return p;
    return std::nullopt;
}

std::string Hercules::missing_message() {
    return "the hercules emulator was not found: install Debian's package `hercules`, or set VMCP_HERCULES "
           "to its "
           "program";
}

Hercules::Hercules(std::filesystem::path program) : program_(std::move(program)) {}

std::string Hercules::name() const {
    if (name_.empty()) {
        const simulation::TemporaryDirectory directory("vmcp-hercules");
        ChildProcess child(program_.string(), {"--version"}, directory.path());
        std::string line;
        while (child.read_line(line, 10) == ChildProcess::Read::line) {
            if (line.find("Version") == std::string::npos) continue;
            name_ = line;
            break;
        }
        if (name_.empty()) name_ = "hercules";
    }
    return name_;
}

Outcome Hercules::run(const RunRequest& request) {
    if (request.storage_size % (1u << 20) != 0 || request.storage_size < 2u << 20 ||
        request.storage_size > 16u << 20)
        throw std::runtime_error(
            fmt::format("hercules wants 2 to 16 MiB of storage, not {} bytes", request.storage_size));
    if (request.core.address > request.storage_size ||
        request.core.bytes.size() > request.storage_size - request.core.address)
        throw std::runtime_error(
            fmt::format("the core image of {} bytes at {:06X} does not fit into {} bytes",
                        request.core.bytes.size(), request.core.address, request.storage_size));

    const simulation::TemporaryDirectory directory("vmcp-hercules");
    write_file(directory.path() / "vmcp.cnf", configuration(request));
    write_file(directory.path() / "core",
               {reinterpret_cast<const char*>(request.core.bytes.data()), request.core.bytes.size()});

    ChildProcess child(program_.string(), {"-d", "-f", "vmcp.cnf", "EXTERNALGUI"}, directory.path(),
                       {"HERCULES_RC=/dev/null"});
    Dialogue dialogue(child);
    insist(dialogue, fmt::format("loadcore core {:X}", request.core.address), "HHCPN113I", "HHCPN111E");

    Outcome outcome;
    const double cpu_before = child.cpu_seconds();
    const double before = host_seconds_now();
    dialogue.say("restart");
    for (const double deadline = before + request.host_seconds_limit;;) {
        std::string line;
        const ChildProcess::Read read = child.read_line(line, deadline - host_seconds_now());
        if (read == ChildProcess::Read::timeout) break;
        if (read == ChildProcess::Read::end) dialogue.fail("ended by itself while it ran the core image");
        dialogue.remember(line);
        // What a console has typed without a carrier return stands before it on the line.
        if (line.find("HHCCP011I") != std::string::npos) {
            outcome.stop = Stop::disabled_wait;
            break;
        }
        // A loop of program interruptions; a machine check or check-stop because the host refused something.
        if (line.starts_with("HHCCP016I") || line.starts_with("HHCCP017I") || line.starts_with("HHCCP018I")) {
            outcome.stop = Stop::check_stop;
            break;
        }
    }
    outcome.host_seconds = host_seconds_now() - before;
    outcome.cpu_seconds = child.cpu_seconds() - cpu_before;

    // Only a stopped CPU lets its storage be saved: when a byte has been, the registers hold still as well. A
    // CPU thread that has missed the order, which a busy host makes possible, is told again.
    dialogue.say("stop");
    insist(dialogue, "savecore probe 0 0", "HHCPN170I", "HHCPN102E", "stop");
    std::array<uint64_t, 1> psw{};
    ask_for_values(dialogue, "psw", psw, [](size_t) { return std::string("PSW="); });
    outcome.psw = psw[0];
    ask_for_values(dialogue, "gpr", outcome.gpr, [](size_t n) { return fmt::format("GR{:02}=", n); });
    ask_for_values(dialogue, "fpr", outcome.fpr, [](size_t n) { return fmt::format("FPR{}=", 2 * n); });
    ask_for_values(dialogue, "cr", outcome.cr, [](size_t n) { return fmt::format("CR{:02}=", n); });
    for (size_t n = 0; n < request.dumps.size(); ++n) {
        const StorageRange& range = request.dumps[n];
        const std::string file = fmt::format("dump{}", n);
        if (range.length == 0) {
            outcome.storage.push_back({range.address, {}});
            continue;
        }
        insist(dialogue,
               fmt::format("savecore {} {:X} {:X}", file, range.address, range.address + range.length - 1),
               "HHCPN170I", "HHCPN102E");
        outcome.storage.push_back({range.address, read_file(directory.path() / file)});
        if (outcome.storage.back().bytes.size() != range.length)
            dialogue.fail(fmt::format("saved {} bytes instead of {}", outcome.storage.back().bytes.size(),
                                      range.length));
    }
    // What devices have not written to their files yet they write now.
    for (const std::string& device : request.devices)
        insist(dialogue, "detach " + device.substr(0, device.find(' ')), "HHCCF047I", "HHCCF046E");
    return outcome;  // the child is ended: nothing of it is needed any more
}

}  // namespace vmcp::conformance
