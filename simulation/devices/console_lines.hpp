// What a console types, as lines.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace simulation {

class ConsoleLines {
  public:
    /// `ended` is told of each line that the text ends. The alarm makes no mark on the paper.
    template <class Ended>
    void add(std::string_view text, Ended&& ended) {
        for (const char c : text) {
            if (c == '\a') continue;
            if (c == '\n')
                end(ended);
            else
                line_ += c;
        }
    }
    /// Ends the line that stands there, though the program has not.
    template <class Ended>
    void end(Ended&& ended) {
        ended(std::string_view(line_));
        line_.clear();
    }
    /// What stands on the present line.
    const std::string& line() const { return line_; }

  private:
    std::string line_;
};

}  // namespace simulation
