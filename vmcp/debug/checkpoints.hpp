// Points of a run that one can go back to: processes that were left behind by fork and wait, each holding the
// whole simulation as it was. Storage that nobody has written since is shared, so one costs what the run has
// changed after it.
//
// Going back is a change of processes: the one that is at work hands a message to an old one and ends; that
// one makes a copy of itself, which takes the message and goes on, and stays where it is for the next time.
// A keeper, which never simulates, waits for the end: it gives the terminal back whatever happens.
//
//   keeper ── at work                 go_to(2, message)        keeper ── at work, from 2
//             ├── checkpoint 1               ──>                         ├── checkpoint 1
//             ├── checkpoint 2                                           └── checkpoint 2
//             └── checkpoint 3                                       (3 has ended)
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/debug/position.hpp"

namespace vmcp::debug {

class Checkpoints {
  public:
    /// `media`: a folder of files that the simulation writes on, which go back with it; empty: none.
    explicit Checkpoints(std::filesystem::path media = {}) : media_(std::move(media)) {}
    Checkpoints(const Checkpoints&) = delete;
    Checkpoints& operator=(const Checkpoints&) = delete;

    /// Does `work` in a process of its own; answers the exit status of that one, or of whoever has taken over
    /// from it, when it has ended.
    static constexpr int kCrashed = 70;  // one of them has ended without a word
    int keep(const std::function<int()>& work);

    /// Leaves one behind. Answers nothing; or, if this is where somebody has gone back to, the message. Too
    /// many of them are thinned out, the old ones more than the new.
    std::optional<std::string> leave(Position position);

    size_t count() const { return points_.size(); }
    Position position(size_t number) const { return points_[number].position; }
    /// The last one that is not behind the position; empty: there is none.
    std::optional<size_t> last_until(Position position) const;

    /// Goes back: that one continues with the message, later ones end, and so does this process.
    [[noreturn]] void go_to(size_t number, const std::string& message);

    /// Ends it all, with this exit status.
    [[noreturn]] void finish(int status) const;

  private:
    struct Point {
        Position position;
        int writer = -1;  // the socket that wakes it
        unsigned serial = 0;
    };
    void await(int reader, unsigned serial);
    void end(const Point& point);
    void thin_out();
    void save_media(unsigned serial) const;
    void restore_media(unsigned serial) const;
    void announce(char what, int value) const;

    std::filesystem::path media_, copies_;
    std::vector<Point> points_;  // in the order of the run
    unsigned serial_ = 0;
    int control_ = -1;   // to the keeper
    int lifeline_ = -1;  // ends with the keeper
    std::string message_;
};

}  // namespace vmcp::debug
