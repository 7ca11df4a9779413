#include "vmcp/conformance/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace vmcp::conformance {

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const std::filesystem::path& directory,
                           const std::vector<std::string>& environment) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0) throw std::runtime_error(fmt::format("pipe: {}", std::strerror(errno)));
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]), close(in[1]);
        throw std::runtime_error(fmt::format("pipe: {}", std::strerror(errno)));
    }
    const int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    // A full path only where it is meant: execvpe searches PATH for names without a slash.
    std::vector<char*> envp;
    for (const std::string& setting : environment) envp.push_back(const_cast<char*>(setting.c_str()));
    for (char** e = environ; *e; ++e) envp.push_back(*e);
    envp.push_back(nullptr);
    const std::string where = directory.string();

    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
        // Only async-signal-safe calls from here on: the parent may have threads.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpgid(0, 0);  // Ctrl-C is ours to answer
        signal(SIGPIPE, SIG_DFL);
        if (getppid() != parent) _exit(127);
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(sink, 2);
        if (chdir(where.c_str()) == 0) execvpe(argv[0], argv.data(), envp.data());
        const char* text = std::strerror(errno);
        [[maybe_unused]] ssize_t ignored = ::write(1, text, std::strlen(text));
        _exit(127);
    }
    close(in[0]), close(out[1]), close(sink);
    input_ = in[1], output_ = out[0];
    if (pid_ < 0) {
        const int error = errno;
        close(input_), close(output_);
        throw std::runtime_error(fmt::format("cannot start {}: {}", program, std::strerror(error)));
    }
    // Writing to a child that has ended must give an error, not a signal.
    static const auto ignored = signal(SIGPIPE, SIG_IGN);
    (void)ignored;
}

ChildProcess::~ChildProcess() {
    close(input_);
    kill(pid_, SIGKILL);
    close(output_);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void ChildProcess::write(const std::string& text) {
    for (size_t done = 0; done < text.size();) {
        const ssize_t n = ::write(input_, text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return;
        done += static_cast<size_t>(n);
    }
}

ChildProcess::Read ChildProcess::read_line(std::string& line, double seconds) {
    const double deadline = host_seconds_now() + seconds;
    for (;;) {
        if (const size_t end = pending_.find('\n'); end != std::string::npos) {
            line.assign(pending_, 0, end);
            if (!line.empty() && line.back() == '\r') line.pop_back();
            pending_.erase(0, end + 1);
            return Read::line;
        }
        const double left = deadline - host_seconds_now();
        if (left <= 0) return Read::timeout;
        pollfd wait{output_, POLLIN, 0};
        const int ready = poll(&wait, 1, static_cast<int>(std::ceil(std::min(left, 1e6) * 1000)));
        if (ready < 0 && errno != EINTR) return Read::end;
        if (ready <= 0) continue;
        char buffer[4096];
        const ssize_t n = read(output_, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            if (pending_.empty()) return Read::end;
            pending_ += '\n';
            continue;
        }
        pending_.append(buffer, static_cast<size_t>(n));
    }
}

double ChildProcess::cpu_seconds() const {
    clockid_t clock;
    timespec time{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double host_seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace vmcp::conformance
