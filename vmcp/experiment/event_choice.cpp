#include "vmcp/experiment/event_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "simulation/model/capitals.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

std::optional<uint64_t> whole(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<size_t> place_of(std::string_view name, const std::vector<std::string>& names) {
    if (const auto same = std::find(names.begin(), names.end(), name); same != names.end())
        return same - names.begin();
    const auto like = std::find_if(names.begin(), names.end(), [&name](const std::string& one) {
        return simulation::capitals(one) == simulation::capitals(name);
    });
    if (like == names.end()) return std::nullopt;
    return like - names.begin();
}

/// What the parts may be, with the names that there are.
std::string expected(const EventNames& names) {
    std::string text =
        fmt::format("expected 3 (how many), @1234 (from that {} on), 20ms (from that time on)", names.event);
    if (!names.machines.empty())
        text += fmt::format(", a virtual machine ({})", fmt::join(names.machines, ", "));
    return text + fmt::format(", {}, or several of them with colons between", names.causes_text);
}

void set_once(EventChoice& choice, std::string_view part, const EventNames& names) {
    const auto once = [&](bool given, const char* what) {
        if (given)
            throw ChoiceError(fmt::format("'{}': expected {} only once in '{}'", part, what, choice.text));
    };
    if (part.starts_with('@')) {
        const auto number = whole(part.substr(1));
        if (!number || *number == 0)
            throw ChoiceError(fmt::format("'{}': expected a number from 1, such as @1234", part));
        once(choice.number != 0, "a number");
        choice.number = *number;
    } else if (const auto count = whole(part)) {
        once(choice.count.has_value(), "how many");
        choice.count = count;
    } else if (const auto machine = place_of(part, names.machines)) {
        once(choice.machine.has_value(), "a virtual machine");
        choice.machine = machine;
    } else if (const auto cause = place_of(part, names.causes)) {
        once(choice.cause.has_value(), "a cause");
        choice.cause = static_cast<unsigned>(*cause);
    } else if (const auto time = parse_duration(part)) {
        once(choice.time.has_value(), "a time");
        choice.time = time;
    } else {
        throw ChoiceError(fmt::format("'{}': {}", part, expected(names)));
    }
}

}  // namespace

EventChoice parse_event_choice(std::string_view text, const EventNames& names) {
    EventChoice choice;
    choice.text = text;
    for (bool more = true; more;) {
        const size_t colon = text.find(':');
        set_once(choice, text.substr(0, colon), names);
        more = colon != std::string_view::npos;
        if (more) text.remove_prefix(colon + 1);
    }
    return choice;
}

std::vector<EventChoice> first_events(uint64_t count) {
    return {EventChoice{.text = fmt::format("{}", count), .count = count}};
}

std::string title_of(const std::vector<EventChoice>& choices, std::string_view event) {
    if (choices.size() == 1 && choices.front().only_counts())
        return *choices.front().count == 1 ? fmt::format("The first {}", event)
                                           : fmt::format("The first {} {}s", *choices.front().count, event);
    std::string text = fmt::format("The {}s chosen by", event);
    for (const EventChoice& choice : choices)
        text += fmt::format("{} {}", &choice == &choices.front() ? "" : ",", choice.text);
    constexpr unsigned kLongest = 54;
    return cut(text, kLongest);
}

EventSelection::EventSelection(std::vector<EventChoice> choices) : choices_(std::move(choices)) {
    for (const EventChoice& choice : choices_) progress_.push_back({.left = choice.count.value_or(1)});
}

bool EventSelection::open() const {
    return std::any_of(progress_.begin(), progress_.end(), [](const Progress& p) { return p.left != 0; });
}

bool EventSelection::begin(size_t machine, simulation::SimTime at) {
    ++number_;
    single_ = false;
    bool perhaps = false;
    for (size_t i = 0; i < choices_.size(); ++i) {
        const EventChoice& choice = choices_[i];
        Progress& progress = progress_[i];
        const bool holds = progress.left != 0 && (!choice.machine || *choice.machine == machine) &&
                           number_ >= choice.number && (!choice.time || at >= *choice.time);
        progress.state = !holds ? State::no : choice.cause ? State::perhaps : State::yes;
        perhaps = perhaps || holds;
        single_ = single_ || (holds && !choice.count);
    }
    return perhaps;
}

void EventSelection::add_cause(unsigned cause) {
    for (size_t i = 0; i < choices_.size(); ++i)
        if (progress_[i].state == State::perhaps && choices_[i].cause == cause)
            progress_[i].state = State::yes;
}

bool EventSelection::end() {
    bool told = false;
    for (Progress& progress : progress_) {
        if (progress.state == State::yes) {
            --progress.left;
            progress.met = told = true;
        }
        progress.state = State::no;
    }
    return told;
}

std::vector<std::string> EventSelection::unmet() const {
    std::vector<std::string> texts;
    for (size_t i = 0; i < choices_.size(); ++i)
        if (!progress_[i].met && progress_[i].left != 0) texts.push_back(choices_[i].text);
    return texts;
}

}  // namespace vmcp::experiment
