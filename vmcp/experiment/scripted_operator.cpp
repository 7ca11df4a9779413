#include "vmcp/experiment/scripted_operator.hpp"

#include <fmt/format.h>

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
    if (heard_.size() == looked_at_) return false;
    looked_at_ = heard_.size();
    std::smatch match;
    if (!std::regex_search(heard_, match, s.wait->expression)) return false;
    heard_ = match.suffix().str();
    looked_at_ = 0;
    return true;
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
