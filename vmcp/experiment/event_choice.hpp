// Which traps or interruptions of a run are told: by machine, cause, number or time, and how many of them.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp::experiment {

/// One line that says what was expected.
struct ChoiceError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What an event may be chosen by besides its number and time. Machines and causes are known by their places
/// in the lists.
struct EventNames {
    std::string event = {};  // "trap"
    std::vector<std::string> machines = {}, causes = {};
    std::string causes_text = {};  // what an error says of the causes
};

/// The first `count` events that everything given holds for.
struct EventChoice {
    std::string text = {};                         // as it was written
    std::optional<uint64_t> count = {};            // none: the first one
    std::optional<size_t> machine = {};            // whose
    std::optional<unsigned> cause = {};            // among its causes
    uint64_t number = 0;                           // from that one on, counted over all machines
    std::optional<simulation::SimTime> time = {};  // at that time or later

    /// A number alone.
    bool only_counts() const { return count && !machine && !cause && number == 0 && !time; }
};

/// Parts between colons, in any order: "3", "hello", "SIO", "@1234", "20ms", "hello:SIO:3". Capitals do not
/// matter; a name of a machine goes before a cause. Throws ChoiceError.
EventChoice parse_event_choice(std::string_view text, const EventNames& names);

/// The first `count`.
std::vector<EventChoice> first_events(uint64_t count);

/// "The first 3 traps", "Traps chosen by hello:SIO, @40".
std::string title_of(const std::vector<EventChoice>& choices, std::string_view event);

/// Goes through the events of a run. What an event is chosen by may come out only while it is handled.
class EventSelection {
  public:
    explicit EventSelection(std::vector<EventChoice> choices);

    const std::vector<EventChoice>& choices() const { return choices_; }
    /// Whether any event may still be told.
    bool open() const;
    /// An event begins. Whether it may be one to tell: its causes may decide.
    bool begin(size_t machine, simulation::SimTime at);
    /// One of its causes.
    void add_cause(unsigned cause);
    /// It ends. Whether it is to be told.
    bool end();
    /// Whether the event under way, if it is told, is told for itself, not as one of several.
    bool single() const { return single_; }
    /// Of the event that has begun last, counted from 1 over all machines.
    uint64_t number() const { return number_; }
    /// What was written of choices that no event was met by.
    std::vector<std::string> unmet() const;

  private:
    enum class State : uint8_t { no, perhaps, yes };  // of the event under way
    struct Progress {
        uint64_t left = 1;
        bool met = false;
        State state = State::no;
    };
    std::vector<EventChoice> choices_;
    std::vector<Progress> progress_;  // of each choice
    uint64_t number_ = 0;
    bool single_ = false;
};

}  // namespace vmcp::experiment
