#include "vmcp/experiment/scripted_operator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/model/log.hpp"
#include "vmcp/experiment/operator_display.hpp"

namespace vmcp::experiment {

void ScriptedOperator::look(SimTime now, bool still) {
    while (!has_ended()) {
        const OperatorStep& s = script_[step_];
        if (s.wait && !matched_) {
            matched_ = has_come(s);
            if (!matched_) return;
            pause_began_ = now;
        }
        if (!still && now < pause_began_ + s.pause) return;
        if (s.display && is_inhibited(s, display_of(s, channels_))) return;
        simulation::log().debug("operator: step {} at {} ns ({})", step_ + 1, now, s.where);
        do_step(s);
        ++step_;
        matched_ = still = false;
        step_began_ = pause_began_ = now;
    }
}

bool ScriptedOperator::has_come(const OperatorStep& s) {
    if (s.display) return shows(s, display_of(s, channels_));
    while (looked_at_ < heard_.size()) {
        // A window moves over the text, so that a text without end is looked through once or twice, and the
        // matching, which goes down into itself, does not go far.
        const size_t from = looked_at_ - std::min(looked_at_, kLongestText);
        const size_t to = std::min(heard_.size(), from + 2 * kLongestText);
        auto flags = std::regex_constants::match_default;
        if (from > 0) flags |= std::regex_constants::match_not_bol | std::regex_constants::match_prev_avail;
        if (to < heard_.size()) flags |= std::regex_constants::match_not_eol;
        const auto at = [&](size_t offset) { return heard_.cbegin() + static_cast<ptrdiff_t>(offset); };
        looked_through_ += to - from;
        looked_at_ = to;
        std::smatch match;
        if (std::regex_search(at(from), at(to), match, s.wait->expression, flags)) {
            heard_.erase(heard_.cbegin(), match[0].second);
            looked_at_ = 0;
            return true;
        }
    }
    constexpr size_t kKept = 16 * kLongestText;
    if (looked_at_ > 2 * kKept) {
        heard_.erase(0, looked_at_ - kKept);
        looked_at_ = kKept;
    }
    return false;
}

void ScriptedOperator::do_step(const OperatorStep& s) {
    const auto fails = [&](const std::exception& why) {
        throw OperatorError(fmt::format("{}: step {}: {}", s.where, step_ + 1, why.what()));
    };
    try {
        act(s);
    } catch (const ActionError& error) {
        fails(error);
    } catch (const std::invalid_argument& error) {
        fails(error);
    }
}

void ScriptedOperator::act(const OperatorStep& s) {
    if (!s.command.empty()) act_(action::CpCommand{s.command});
    if (s.mount) act_(action::Mount{*s.mount});
    if (s.cards) act_(action::LoadCards{s.cards, s.reader});
    if (s.ipl) act_(action::LoadProgram{*s.ipl});
    if (s.attention) act_(action::Attention{});
    if (s.display) {
        if (s.type || !s.key.empty()) key(s, display_of(s, channels_));
    } else if (s.type) {
        act_(action::ConsoleLine{*s.type});
    }
}

void ScriptedOperator::check_deadline(SimTime now) const {
    if (!has_ended() && now >= deadline())
        give_up(fmt::format("nothing for {} s", script_[step_].limit / simulation::kSecond));
}

void ScriptedOperator::give_up(std::string_view why) const {
    const OperatorStep& s = script_[step_];
    if (s.display)
        throw OperatorError(fmt::format("{}: step {}: {}: {}", s.where, step_ + 1, why,
                                        expectation(s, display_of(s, channels_))));
    constexpr size_t kShown = 600;
    const std::string said = heard_.size() > kShown ? "..." + heard_.substr(heard_.size() - kShown) : heard_;
    throw OperatorError(
        fmt::format("{}: step {}: {}: expected a console text that matches \"{}\"; since the step before the "
                    "console said:\n{}",
                    s.where, step_ + 1, why, s.wait ? s.wait->text : "", said));
}

}  // namespace vmcp::experiment
