// Debian's s3270, a 3270 emulator without a screen, as an independent judge: one that connects to a port of
// ours and does what it is told.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

class S3270 {
  public:
    static bool installed() { return std::filesystem::exists("/usr/bin/s3270"); }

    /// `meanwhile` is called while it is waited for: our side's work.
    explicit S3270(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {
        std::signal(SIGPIPE, SIG_IGN);
        int in[2], out[2];
        if (pipe(in) != 0 || pipe(out) != 0) std::abort();
        process_ = fork();
        if (process_ == 0) {
            dup2(in[0], 0);
            dup2(out[1], 1);
            for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
            execl("/usr/bin/s3270", "s3270", "-model", "3278-2", "-codepage", "cp037", nullptr);
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        in_ = in[1];
        out_ = out[0];
        fcntl(out_, F_SETFL, O_NONBLOCK);
    }
    ~S3270() {
        close(in_);
        close(out_);
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
    }

    /// Keys that call for the program are not waited for afterwards.
    bool connect(uint16_t port) {
        return action("Set(aidWait,false,blankFill,false)").ok &&
               action("Connect(127.0.0.1:" + std::to_string(port) + ")").ok;
    }

    struct Answer {
        bool ok = false;
        std::vector<std::string> data;
        std::string status;  // the twelve fields of its status line
    };

    /// Does an action and waits for its answer; not ok when none comes within 10 seconds of host time.
    Answer action(const std::string& text) {
        const std::string line = text + "\n";
        if (write(in_, line.data(), line.size()) < 0) return {};
        Answer answer;
        for (unsigned idle = 0; idle < 10000;) {
            const size_t end = heard_.find('\n');
            if (end == std::string::npos) {
                char buffer[8192];
                const ssize_t n = read(out_, buffer, sizeof buffer);
                if (n == 0) return {};
                if (n > 0) {
                    heard_.append(buffer, static_cast<size_t>(n));
                } else {
                    meanwhile_();
                    ++idle;
                }
                continue;
            }
            const std::string got = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            if (got == "ok" || got == "error") {
                answer.ok = got == "ok";
                return answer;
            }
            if (got.starts_with("data: "))
                answer.data.push_back(got.substr(6));
            else
                answer.status = got;
        }
        return {};
    }

  private:
    std::function<void()> meanwhile_;
    std::string heard_;
    pid_t process_ = 0;
    int in_ = -1, out_ = -1;
};
