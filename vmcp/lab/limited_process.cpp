#include "vmcp/lab/limited_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "simulation/executor/translator/executor_choice.hpp"

namespace vmcp::lab {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// A file descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }
    void reset(int number = -1) {
        if (number_ >= 0) close(number_);
        number_ = number;
    }

  private:
    int number_;
};

// ---- What it may open ----

/// As newer kernels take it; older ones are given the part that they know.
struct RulesetAttributes {
    uint64_t files = 0, network = 0, scoped = 0;
};

int create_ruleset(const RulesetAttributes* attributes, size_t size, uint32_t flags) {
    return static_cast<int>(syscall(SYS_landlock_create_ruleset, attributes, size, flags));
}

/// Of Landlock; below 1: there is none.
int version() { return create_ruleset(nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION); }

constexpr uint64_t kReading =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kTruncate = 1 << 14;
constexpr uint64_t kOfFiles =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

/// All that can be done to files, as the version knows it: the first 13 bits, and what came later.
uint64_t all_access() { return ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1) | (version() >= 3 ? kTruncate : 0); }

void allow(int ruleset, const std::filesystem::path& path, uint64_t access) {
    const Descriptor at(open(path.c_str(), O_PATH | O_CLOEXEC));
    if (at.get() < 0) return;
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) access &= kOfFiles;
    access &= all_access();
    landlock_path_beneath_attr rule{access, at.get()};
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        fail("landlock_add_rule");
}

/// Made before the child is there; it has only to enter it.
int ruleset_of(const Reach& reach) {
    constexpr uint64_t kTcp = 3, kSockets = 1, kSignals = 2;  // bind and connect; abstract ones; to others
    RulesetAttributes attributes{.files = all_access()};
    size_t size = sizeof attributes.files;
    if (version() >= 4) {
        attributes.network = kTcp;
        size += sizeof attributes.network;
    }
    if (version() >= 6) {
        attributes.scoped = kSockets | kSignals;
        size += sizeof attributes.scoped;
    }
    const int ruleset = create_ruleset(&attributes, size, 0);
    if (ruleset < 0) return -1;
    for (const char* path : {"/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc", "/dev/urandom", "/dev/zero"})
        allow(ruleset, path, kReading);
    allow(ruleset, "/dev/null", kOfFiles);
    for (const auto& path : reach.read) allow(ruleset, path, kReading);
    for (const auto& path : reach.write) allow(ruleset, path, all_access());
    return ruleset;
}

// ---- The child ----

void limit(int resource, uint64_t most) {
    const rlimit value{most, most};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &value);
}

void limit_all(const ProcessLimits& limits) {
    if (limits.memory != 0) limit(RLIMIT_AS, limits.memory);
    limit(RLIMIT_FSIZE, limits.file_size);
    limit(RLIMIT_CPU, static_cast<uint64_t>(std::ceil(limits.seconds)));
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 64);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

struct Started {
    pid_t pid;
    int output;
};

Started start(const Process& process) {
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0) fail("pipe");
    const Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
    const Descriptor ruleset(process.reach ? ruleset_of(*process.reach) : -1);
    std::vector<std::string> words{process.program};
    words.insert(words.end(), process.arguments.begin(), process.arguments.end());
    const std::vector<char*> argv = pointers_to(words), envp = pointers_to(process.environment);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        // Only async-signal-safe calls from here on: the parent may have threads.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        setpgid(0, 0);
        signal(SIGPIPE, SIG_DFL);
        dup2(nothing.get(), 0);
        dup2(out[1], 1);
        dup2(process.errors_too ? out[1] : nothing.get(), 2);
        if (chdir(process.directory.c_str()) != 0) _exit(127);
        limit_all(process.limits);
        if (ruleset.get() >= 0) {
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) _exit(127);
        }
        execvpe(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    close(out[1]);
    if (pid < 0) {
        close(out[0]);
        fail("fork");
    }
    return {pid, out[0]};
}

/// Our children.
std::vector<pid_t> children() {
    std::vector<pid_t> all;
    std::error_code error;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
        std::ifstream list(task.path() / "children");
        for (pid_t pid = 0; list >> pid;) all.push_back(pid);
    }
    return all;
}

/// Reads what it says until it says no more. How it must be ended before; ended: it need not.
ProcessResult::How listen(int output, const ProcessLimits& limits, std::string& text) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(limits.seconds);
    for (;;) {
        const double left = std::chrono::duration<double, std::milli>(end - Clock::now()).count();
        if (left <= 0) return ProcessResult::How::out_of_time;
        pollfd wait{output, POLLIN, 0};
        const int ready = poll(&wait, 1, static_cast<int>(std::ceil(std::min(left, 1e6))));
        if (ready < 0 && errno != EINTR) fail("poll");
        if (ready <= 0) continue;
        char buffer[4096];
        const ssize_t n = read(output, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ProcessResult::How::ended;
        text.append(buffer, static_cast<size_t>(n));
        if (text.size() > limits.output) {
            text.resize(limits.output);
            return ProcessResult::How::out_of_output;
        }
    }
}

/// What has ended, or is ended now if it has closed its output and goes on.
int wait_for(pid_t pid, double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (Clock::now() > end) {
            kill(-pid, SIGKILL);
            waitpid(pid, &status, 0);
            return status;
        }
        usleep(1000);
    }
    return status;
}

}  // namespace

ProcessResult run_limited(const Process& process) {
    const Started child = start(process);
    const Descriptor output(child.output);
    ProcessResult result;
    result.how = listen(child.output, process.limits, result.output);
    if (result.how != ProcessResult::How::ended) kill(-child.pid, SIGKILL);
    const int status = wait_for(child.pid, process.limits.seconds);
    kill(-child.pid, SIGKILL);  // what it may have left behind
    if (result.how != ProcessResult::How::ended) return result;
    if (WIFSIGNALED(status)) {
        result.how =
            WTERMSIG(status) == SIGXCPU ? ProcessResult::How::out_of_time : ProcessResult::How::killed;
        result.code = WTERMSIG(status);
    } else {
        result.code = WEXITSTATUS(status);
    }
    return result;
}

bool can_restrict_files() { return version() >= 1; }

Stragglers::Stragglers() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

Stragglers::~Stragglers() {
    // Whoever is left is our child now; his own children are when he has gone.
    for (std::vector<pid_t> left = children(); !left.empty(); left = children())
        for (const pid_t pid : left) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

std::string same_executor() {
    return fmt::format("{}={}", simulation::kExecutorVariable,
                       simulation::name_of(simulation::chosen_executor()));
}

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace vmcp::lab
