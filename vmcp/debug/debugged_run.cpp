#include "vmcp/debug/debugged_run.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vmcp::debug {
namespace {

// In the fast gear somebody looks so often.
constexpr uint64_t kLook = 500'000;
// Going back, so many instructions are looked at first, which is nearly always enough.
constexpr uint64_t kFirstSearch = 2000;
// So many are looked at before a point is met: the log tells of them.
constexpr uint64_t kApproach = 300;
// Moments between looks at the keyboard, in the slow gear.
constexpr uint64_t kMomentsBetweenLooks = 4096;
// Host time between checkpoints: what going back has to do again. More, where leaving them takes more than a
// tenth of the time: the fork, and a copy of each page that is written for the first time afterwards.
constexpr auto kBetweenCheckpoints = std::chrono::milliseconds(100);
constexpr int kShare = 10;
constexpr auto kPageCopy = std::chrono::nanoseconds(1000);

/// Of this process, so far.
long page_faults() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

bool interprets(const Subject& subject, ControlProgram* cp) {
    for (MachineNumber i = 1; cp != nullptr && i < subject.machines(); ++i)
        if (const VirtualMachine* vm = cp->find(subject.name(i)); vm != nullptr && vm->interpreted())
            return true;
    return false;
}

Position back_by(Position position, uint64_t instructions) {
    return {position.instructions - std::min(position.instructions, instructions), 0};
}

}  // namespace

DebuggedRun::DebuggedRun(Subject& subject, Checkpoints& checkpoints, Frontend& front_end)
    : subject_(subject),
      checkpoints_(checkpoints),
      front_end_(front_end),
      watcher_(subject, [this](Moment&& moment) { happened(std::move(moment)); }) {
    simulation::Pauser& pauser = *this;
    subject.machine().replace_executor([&pauser](std::unique_ptr<simulation::Executor> executor) {
        return std::make_unique<simulation::PausingExecutor>(std::move(executor), pauser);
    });
    subject.on_console_line = [this](MachineNumber machine, std::string_view line) {
        (consoles_[machine] += line) += '\n';
        if (!slow_) return;
        Moment moment{.kind = Moment::Kind::console, .machine = machine, .time = now(), .line = line};
        moment.text = [line] { return fmt::format("console: {}", line); };
        happened(std::move(moment));
    };
    if (interprets(subject, subject.control_program()))
        watcher_.on_interpreted = [this](const VirtualMachine&) {
            completed(1);
            begin_instruction(true);
        };
    watcher_.watch(true);
    // To the first instruction, whatever happens before.
    goal_.way = Goal::Way::arrive;
}

DebuggedRun::~DebuggedRun() = default;

void DebuggedRun::run() {
    ending_ = subject_.run();
    while (ending_.ends_with('\n')) ending_.pop_back();
    ended_ = true;
    watcher_.rest();
    // Going back from here has something to go to even if it went slowly all the way.
    if (!slow_) {
        slow_ = true;
        log_.clear();
    }
    Moment moment{.kind = Moment::Kind::ended, .time = now()};
    moment.text = [] { return std::string("the run has ended"); };
    happened(std::move(moment));
}

// ---- Between instructions ----

uint64_t DebuggedRun::allowance() {
    if (slow_ && looks_at_every_instruction()) return 1;
    uint64_t to = slow_ ? next_look_ : std::min(next_look_, slow_from());
    // Simulated time is approached in ever smaller pieces: no instruction of many takes so long.
    constexpr simulation::SimTime kLongInstruction = 16 * simulation::kMicrosecond;
    for (const Stop& stop : stops_)
        if (slow_ && stop.kind == Stop::Kind::time && stop.time > now())
            to = std::min(
                to, position_.instructions + static_cast<uint64_t>((stop.time - now()) / kLongInstruction));
    return to <= position_.instructions ? 1 : to - position_.instructions;
}

void DebuggedRun::before(simulation::Cpu& cpu, bool goes_on) {
    watcher_.at_instruction(cpu, goes_on);
    begin_instruction(goes_on);
    if (slow_) happened(watcher_.instruction(goes_on));
    choose_gear();
}

/// Before the moment of an instruction. `goes_on`: right behind another one, where the numbers of moments
/// begin.
void DebuggedRun::begin_instruction(bool goes_on) {
    if (goes_on && position_.instructions >= next_look_) next_look_ = position_.instructions + kLook;
    if (!begun_) {
        begun_ = true;
        leave_checkpoint();
        begin_ = position_;
    } else if (goes_on && checkpoint_is_due()) {
        leave_checkpoint();
    }
    choose_gear();
    if (slow_ || !goes_on || !front_end_.wants_to_stop()) return;
    goal_ = {.way = Goal::Way::arrive, .target = position_, .then = {Stopped::Why::interrupted, {}, ""}};
    choose_gear();
}

void DebuggedRun::completed(uint64_t instructions) {
    position_ = {position_.instructions + instructions, 0};
    fresh_ = true;
    choose_gear();
}

/// From this number of instructions on everything is looked at.
uint64_t DebuggedRun::slow_from() const {
    constexpr uint64_t kNever = ~uint64_t{0};
    uint64_t from = kNever;
    switch (goal_.way) {
        case Goal::Way::arrive: from = back_by(goal_.target, kApproach).instructions; break;
        case Goal::Way::search: from = goal_.from.instructions; break;
        case Goal::Way::onward:
            from = goal_.resume.kind == Resume::Kind::stop && stops_.empty() ? kNever : 0;
            break;
    }
    for (const auto& [where, alteration] : alterations_)
        if (where > position_ || (fresh_ && where.instructions == position_.instructions))
            from = std::min(from, std::max(where.instructions, position_.instructions));
    return from;
}

bool DebuggedRun::looks_at_every_instruction() const {
    using Kind = Resume::Kind;
    if (goal_.way != Goal::Way::onward) return true;
    const Kind kind = goal_.resume.kind;
    if (kind != Kind::trap && kind != Kind::interruption && kind != Kind::change_over && kind != Kind::stop)
        return true;
    return std::any_of(stops_.begin(), stops_.end(), [](const Stop& stop) {
        return stop.kind == Stop::Kind::address || stop.kind == Stop::Kind::change;
    });
}

/// Only between instructions: the lists of observers change.
void DebuggedRun::choose_gear() {
    const bool slow = slow_from() <= position_.instructions;
    if (slow == slow_ || (slow && !fresh_)) return;
    slow_ = slow;
    if (slow) {
        log_.clear();  // what comes does not follow what was told before
        last_time_ = now();
    }
    watcher_.watch(slow);
}

// ---- Moments ----

void DebuggedRun::happened(Moment&& moment) {
    // Right behind an instruction the next one is in sight: event 0, whether somebody looks or not.
    if (!fresh_ || moment.kind != Moment::Kind::instruction) ++position_.event;
    if (moment.kind == Moment::Kind::ended) position_.event = Position::kEnd;
    fresh_ = false;
    moment.position = position_;
    apply_due();
    log(moment);
    if (begun_) decide(moment);
    last_moment_ = moment.position;
    last_time_ = moment.time;
    if (moment.kind == Moment::Kind::trap || moment.kind == Moment::Kind::resumed) last_cause_.reset();
    if (moment.cause) last_cause_ = moment.cause;
}

void DebuggedRun::decide(const Moment& moment) {
    // Whatever it was after, this is as far as it gets. (A search has its limit before.)
    if (ended_ && goal_.way == Goal::Way::arrive && moment.position < goal_.target)
        return stop_here({Stopped::Why::ended, {}, ending_});
    switch (goal_.way) {
        case Goal::Way::arrive:
            if (moment.position >= goal_.target) return stop_here(goal_.then);
            break;
        case Goal::Way::search:
            note_found(moment);
            if (moment.position >= goal_.limit) return end_search();
            break;
        case Goal::Way::onward: {
            if (moment.position <= goal_.departure.position) return;
            if (const auto why = meets(moment)) return stop_here(*why);
            if (ended_) return stop_here({Stopped::Why::ended, {}, ending_});
        }
    }
    if (++moments_ % kMomentsBetweenLooks == 0 && front_end_.wants_to_stop())
        stop_here({Stopped::Why::interrupted, {}, ""});
}

void DebuggedRun::note_found(const Moment& moment) {
    if (moment.position < goal_.from) return;
    if (goal_.resume.kind == Resume::Kind::stop) {
        if (const auto change = changed()) found_ = {last_moment_, *change};
        if (moment.position >= goal_.limit) return;
        if (const auto why = meets_stop(moment)) found_ = {moment.position, *why};
        return;
    }
    if (moment.position >= goal_.limit || !meets_kind(moment)) return;
    found_ = {moment.position, {Stopped::Why::arrived, {}, ""}};
    if (goal_.resume.kind != Resume::Kind::over) return;
    const MachineNumber machine = goal_.resume.machine;
    const uint32_t address = registers(machine).psw.address;
    const std::vector<uint8_t> text = instruction_text(machine, address);
    found_opcode_ = text.empty() ? 0 : text[0];
    in_sequence_ = address + text.size() == goal_.departure.address;
    if (in_sequence_ && departure(machine).returns_to) found_call_ = found_;
}

void DebuggedRun::end_search() {
    Goal next = goal_;
    if (goal_.resume.kind == Resume::Kind::over && found_ && !in_sequence_ && found_call_) {
        // Only a return leads behind a call: BCR, LPSW.
        constexpr uint8_t kBranchOnConditionRegister = 0x07, kLoadPsw = 0x82;
        if (found_opcode_ == kBranchOnConditionRegister || found_opcode_ == kLoadPsw) found_ = found_call_;
    }
    if (found_) {
        next.way = Goal::Way::arrive;
        next.target = found_->position;
        next.then = found_->stopped;
    } else if (goal_.from <= checkpoints_.position(0)) {
        next.way = Goal::Way::arrive;
        next.target = begin_;
        next.then = {Stopped::Why::no_history, {}, ""};
    } else {
        next.limit = goal_.from;
        const Position before = back_by(goal_.from, 1);
        next.from = checkpoints_.position(checkpoints_.last_until(before).value_or(0));
    }
    go_back(next);
}

void DebuggedRun::stop_here(Stopped why) {
    std::erase_if(stops_, [](const Stop& stop) { return stop.once; });
    while (true) {
        const Resume resume = front_end_.stopped(*this, why);
        if (resume.kind == Resume::Kind::leave) checkpoints_.finish(0);
        const bool onward =
            !resume.backward && !(resume.kind == Resume::Kind::position && resume.position <= position_);
        if (ended_ && onward)
            why = {Stopped::Why::ended, {}, ending_};
        else if (set_out(resume))
            return;
        else
            why = {Stopped::Why::no_history, {}, ""};
    }
}

bool DebuggedRun::set_out(const Resume& resume) {
    Goal goal;
    goal.resume = resume;
    goal.departure = departure(resume.machine);
    if (resume.kind == Resume::Kind::position) {
        goal.way = Goal::Way::arrive;
        goal.target = std::max(resume.position, begin_);
        goal.then = {Stopped::Why::arrived, {}, ""};
        if (goal.target <= position_) go_back(goal);
    } else if (resume.backward) {
        if (position_ <= begin_) return false;
        goal.way = Goal::Way::search;
        goal.limit = position_;
        goal.from = std::max(back_by(position_, kFirstSearch), checkpoints_.position(0));
        go_back(goal);
    }
    goal_ = goal;
    remember_watched();
    return true;
}

// ---- Checkpoints ----

bool DebuggedRun::checkpoint_is_due() {
    const auto now = std::chrono::steady_clock::now();
    if (slow_ && moments_ % kMomentsBetweenLooks != 0) return false;
    if (now - last_checkpoint_ < kBetweenCheckpoints) return false;
    const auto cost = checkpoint_time_ + kPageCopy * (page_faults() - checkpoint_faults_);
    return now - last_checkpoint_ >= kShare * cost;
}

void DebuggedRun::leave_checkpoint() {
    const auto begin = std::chrono::steady_clock::now();
    if (const auto message = checkpoints_.leave(position_)) take_message(*message);
    last_checkpoint_ = std::chrono::steady_clock::now();
    // In one that somebody has gone back to, that was the time until then.
    checkpoint_time_ = std::min<std::chrono::nanoseconds>(last_checkpoint_ - begin, kBetweenCheckpoints);
    checkpoint_faults_ = page_faults();
}

void DebuggedRun::go_back(const Goal& goal) {
    const Position wanted = goal.way == Goal::Way::search ? goal.from : back_by(goal.target, kApproach);
    checkpoints_.go_to(checkpoints_.last_until(wanted).value_or(0), message(goal));
}

std::string DebuggedRun::message(const Goal& goal) const {
    nlohmann::json json{{"goal", goal}, {"stops", stops_}, {"next_stop", next_stop_}};
    for (const auto& [where, alteration] : alterations_) json["alterations"].push_back({where, alteration});
    json["front_end"] = front_end_.save();
    return json.dump();
}

void DebuggedRun::take_message(const std::string& message) {
    const auto json = nlohmann::json::parse(message);
    json.at("goal").get_to(goal_);
    json.at("stops").get_to(stops_);
    json.at("next_stop").get_to(next_stop_);
    alterations_.clear();
    if (json.contains("alterations"))
        for (const auto& one : json.at("alterations"))
            alterations_.emplace_back(one.at(0).get<Position>(), one.at(1).get<Alteration>());
    front_end_.restore(json.at("front_end"));
    found_.reset();
    found_call_.reset();
    watched_.clear();
}

}  // namespace vmcp::debug
