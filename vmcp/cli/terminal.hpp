// What the program fits to whoever reads it: width, colours and characters, labels of console lines, a
// progress bar.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp::cli {

/// Whether the stream is a terminal.
bool is_terminal(std::FILE* stream);

/// Whether to colour what goes there: a terminal that can, and the environment does not say NO_COLOR.
bool wants_colour(std::FILE* stream);

/// Columns for reports that go there, 60 to 200: what COLUMNS says, if it is a number; the terminal's width;
/// 80 where it is no terminal, so that what goes into files and pipes is always the same.
size_t report_width(std::FILE* stream);

/// A report with bars and rules of block characters as its reader can see it: where LC_ALL, LC_CTYPE or LANG
/// name a locale that is not UTF-8, or it goes to a dumb terminal, they are made of #, = and their like.
std::string for_reader(std::FILE* stream, std::string_view report);

/// Writes console lines to standard output, each labelled with its virtual machine.
class ConsoleLabels {
  public:
    explicit ConsoleLabels(std::vector<std::string> names);
    /// "NAME      | text", the name in a colour of its own on a terminal.
    void line(size_t vm, std::string_view text) const;
    /// The same without ending the line, for a prompt.
    void prompt(size_t vm, std::string_view text) const;

  private:
    std::string label(size_t vm) const;
    std::vector<std::string> names_;
    size_t width_ = 0;
    bool colour_;
};

/// How long runs show how far they have come: one line on standard error, written over again and again.
/// Nothing where that is not a terminal, or a dumb one, or one of less than 40 columns.
bool progress_wanted();
/// A bar for `part` of 1, and the text behind it.
void show_progress(double part, const std::string& text);
void show_progress(const std::string& text);
/// Takes the line away, before something else is written.
void clear_progress();

/// A bar on standard error that shows how far a long run has come. Nothing where that is not a terminal, or
/// in the first half second.
class ProgressBar {
  public:
    /// `end`: simulated time of the whole, kNever where it is not known.
    explicit ProgressBar(simulation::SimTime end);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    bool wanted() const { return wanted_; }
    void show(simulation::SimTime now);
    /// Takes the bar away, before something else is written.
    void clear();

  private:
    simulation::SimTime end_;
    bool wanted_;
    bool shown_ = false;
    double begun_, last_ = 0;  // host seconds
};

}  // namespace vmcp::cli
