#include "vmcp/experiment/stream_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::experiment {
namespace {

constexpr size_t kShown = 8;  // steps around a difference

class Comparing {
  public:
    Comparing(StepStream& native, StepStream& guest) : native_(native), guest_(guest) {}

    StreamComparison run(uint64_t most, const std::function<bool()>& interrupted) {
        uint64_t turns = 0;
        while (!ended_) {
            if (result_.instructions >= most) return finish(ComparisonEnd::limit);
            if (++turns % 65536 == 0 && interrupted && interrupted())
                return finish(ComparisonEnd::interrupted);
            step();
        }
        return std::move(result_);
    }

  private:
    StreamComparison finish(ComparisonEnd end) {
        result_.end = end;
        return std::move(result_);
    }

    void step() {
        const TraceStep *x = native_.peek(), *y = guest_.peek();
        if (x == nullptr || y == nullptr) return end_of(x, y);
        if (x->is(TraceStep::Kind::loop) || y->is(TraceStep::Kind::loop)) return loops(*x, *y);
        const bool elsewhere = is_asynchronous(*x) && x->address != y->address && !together_;
        together_ = false;
        const bool part = !same_place(*x, *y) || elsewhere;
        if (part) return parted(*x, *y);
        // Whether the one before has stored: a program interruption may have kept it from that.
        const bool stored = !(x->is(TraceStep::Kind::interruption) && x->interruption.index() == 0);
        if (last_ && !check_registers(*x, *y, stored)) return;
        if (x->is(TraceStep::Kind::interruption)) {
            note_interruption(*x, *y);
            ++result_.interruptions;
        } else {
            ++result_.instructions;
        }
        last_ = *x;
        last_guest_ = *y;
        native_.advance();
        guest_.advance();
    }

    /// False: there is a difference that ends the comparison.
    bool check_registers(const TraceStep& x, const TraceStep& y, bool stored) {
        // What the step before began with is known until here.
        TimeCause reason = TimeCause::none;
        if (!(x.cpu == y.cpu)) {
            reason = values_.reason(*last_);
            if (reason == TimeCause::none) reason = values_.reason(*last_guest_);
        }
        if (stored) values_.executed(*last_);
        if (x.cpu == y.cpu && !any_) return true;
        any_ = false;
        for (unsigned place = 0; place < kPlaces; ++place) {
            const uint64_t a = value_at(x.cpu, place), b = value_at(y.cpu, place);
            if (a == b) {
                values_.set(place, TimeCause::none);
                continue;
            }
            any_ = true;
            const bool changed = a != value_at(last_->cpu, place) || b != value_at(last_guest_->cpu, place);
            const TimeCause known = values_.at(place);
            if (known != TimeCause::none && !changed) continue;
            if (reason == TimeCause::none) {
                difference(
                    reason,
                    fmt::format("{} differs, {:X} natively and {:X} as a guest", name_of_place(place), a, b),
                    ComparisonEnd::difference);
                return false;
            }
            if (known == TimeCause::none) {
                count(reason).values++;
                note_first(reason, fmt::format("{} differs, {:X} natively and {:X} as a guest",
                                               name_of_place(place), a, b));
            }
            // Changed by this step for that reason, at the earliest.
            new_causes_.emplace_back(place, reason);
        }
        for (const auto& [place, cause] : new_causes_) values_.set(place, cause);
        new_causes_.clear();
        return true;
    }

    void note_interruption(const TraceStep& x, const TraceStep& y) {
        const auto io_x = std::get_if<isa::IoInterruption>(&x.interruption);
        const auto io_y = std::get_if<isa::IoInterruption>(&y.interruption);
        if (io_x != nullptr && io_y != nullptr) {
            const bool differ = io_x->csw != io_y->csw;
            values_.set(StorageRange{isa::Assigned::csw, 8}, differ ? TimeCause::io_status : TimeCause::none);
            if (differ) {
                ++count(TimeCause::io_status).values;
                note_first(TimeCause::io_status,
                           fmt::format("{}: CSW {:016X} natively and {:016X} as a guest",
                                       interruption_text(x.interruption), io_x->csw, io_y->csw));
            }
        }
        TimeCause psw = values_.at(kConditionPlace);
        if (psw == TimeCause::none) psw = values_.at(kModesPlace);
        // Found again at one interruption that came at two places: it returns to two places.
        if (x.address != y.address) psw = gap_;
        values_.set(StorageRange{psw_places(x.interruption).old_psw, 8}, psw);
    }

    /// A loop that goes on on one side at least.
    void loops(const TraceStep& x, const TraceStep& y) {
        const bool both = x.is(TraceStep::Kind::loop) && y.is(TraceStep::Kind::loop) && x.period == y.period;
        const bool first = x.is(TraceStep::Kind::loop), second = y.is(TraceStep::Kind::loop);
        if (both && x.times == y.times) {
            result_.instructions += x.period * x.times;
        } else {
            const StepStream& side = first ? native_ : guest_;
            const unsigned period = first ? x.period : y.period;
            const uint64_t a = first ? x.times : 0, b = second ? y.times : 0;
            // What changes no register and stores nothing is ended from outside.
            bool waits = true, asks = false;
            for (unsigned i = 1; i <= period; ++i) {
                const TraceStep* const body = side.behind(i);
                if (body == nullptr || !body->is(TraceStep::Kind::instruction)) continue;
                asks = asks || values_.reason(*body) != TimeCause::none;
                waits = waits && !flow_of(*body).stored;
            }
            const auto text =
                fmt::format("a loop of {} instructions goes round {} more times natively and {} as a guest",
                            period, a, b);
            if (!waits && !asks) return difference(TimeCause::none, text, ComparisonEnd::difference);
            CauseCount& polling = count(TimeCause::polling);
            ++polling.parted;
            polling.skipped_native += period * (a - std::min(a, b));
            polling.skipped_guest += period * (b - std::min(a, b));
            result_.instructions += period * std::min(a, b);
            note_first(TimeCause::polling, text);
            for (unsigned i = 1; i <= period; ++i)
                if (const TraceStep* const body = side.behind(i)) values_.skipped(*body, TimeCause::polling);
            polled_ = true;
        }
        if (both || first) native_.advance();
        if (both || second) guest_.advance();
    }

    void parted(const TraceStep& x, const TraceStep& y) {
        const auto arrival = [](const TraceStep& step) {
            return isa::class_of(step.interruption) == isa::InterruptionClass::io
                       ? TimeCause::io_arrival
                       : TimeCause::external_arrival;
        };
        TimeCause cause = TimeCause::none;
        if (is_asynchronous(x))
            cause = arrival(x);
        else if (is_asynchronous(y))
            cause = arrival(y);
        else if (last_)
            cause = values_.reason(*last_);
        if (cause == TimeCause::none && last_guest_) cause = values_.reason(*last_guest_);
        // What both began with may lie apart already.
        if (cause == TimeCause::none && polled_) cause = TimeCause::polling;
        const std::string text =
            cause == TimeCause::none ? "the two go different ways" : fmt::format("{}", text_of(cause));
        if (cause == TimeCause::none) return difference(cause, text, ComparisonEnd::difference);
        note_first(cause, text);
        const auto at = find_common(cause);
        if (!at) return difference(cause, text, ComparisonEnd::lost);
        gap_ = cause;
        CauseCount& counted = count(cause);
        ++counted.parted;
        counted.skipped_native += at->first;
        counted.skipped_guest += at->second;
        skip(native_, at->first, cause);
        skip(guest_, at->second, cause);
        const TraceStep *a = native_.peek(), *b = guest_.peek();
        last_.reset();
        last_guest_.reset();
        polled_ = false;
        together_ = true;
        if (a == nullptr || b == nullptr) return;
        for (unsigned place = 0; place < kPlaces; ++place) {
            const bool differs = value_at(a->cpu, place) != value_at(b->cpu, place);
            if (differs && values_.at(place) == TimeCause::none) ++counted.values;
            values_.set(place, differs ? cause : TimeCause::none);
            any_ = any_ || differs;
        }
    }

    void skip(StepStream& side, size_t steps, TimeCause cause) {
        for (; steps != 0; --steps) {
            values_.skipped(*side.peek(), cause);
            side.advance();
        }
    }

    /// How many steps of each side lie before the nearest place from where they run alike.
    std::optional<std::pair<size_t, size_t>> find_common(TimeCause) {
        for (size_t window : {size_t{1024}, size_t{16 * 1024}, kResyncWindow})
            for (const bool registers : {true, false})
                if (const auto found = find_common(window, registers)) return found;
        return std::nullopt;
    }

    using Keys = std::vector<std::pair<uint64_t, size_t>>;  // of steps that are no loops: hash, where
    Keys keys(StepStream& side, size_t window, bool registers) const {
        Keys result;
        for (size_t i = 0; i < window; ++i) {
            const TraceStep* const step = side.peek(i);
            if (step == nullptr) break;
            if (step->is(TraceStep::Kind::loop)) continue;
            uint64_t hash = place_hash(*step);
            for (unsigned r = 0; registers && r < 16; ++r)
                if (values_.at(r) == TimeCause::none)
                    hash = (hash ^ step->cpu.gpr[r]) * 0x9E3779B97F4A7C15 + (hash >> 31);
            result.emplace_back(hash, i);
        }
        return result;
    }

    /// The hash of the run of `length` from each step on.
    static std::vector<uint64_t> runs(const Keys& keys, size_t length) {
        constexpr uint64_t kBase = 0x100000001B3;
        std::vector<uint64_t> result;
        if (keys.size() < length) return result;
        uint64_t power = 1, hash = 0;
        for (size_t i = 0; i < length; ++i) power *= kBase;
        for (size_t i = 0; i < keys.size(); ++i) {
            hash = hash * kBase + keys[i].first;
            if (i >= length) hash -= power * keys[i - length].first;
            if (i + 1 >= length) result.push_back(hash);
        }
        return result;
    }

    std::optional<std::pair<size_t, size_t>> find_common(size_t window, bool registers) const {
        const Keys a = keys(native_, window + kCommonRun, registers);
        const Keys b = keys(guest_, window + kCommonRun, registers);
        std::unordered_map<uint64_t, size_t> places;
        const auto of_guest = runs(b, kCommonRun), of_native = runs(a, kCommonRun);
        for (size_t j = 0; j < of_guest.size(); ++j) places.try_emplace(of_guest[j], j);
        std::optional<std::pair<size_t, size_t>> best;
        for (size_t i = 0; i < of_native.size(); ++i) {
            if (best && i >= best->first + best->second) break;
            const auto found = places.find(of_native[i]);
            if (found != places.end() && (!best || i + found->second < best->first + best->second))
                best = {i, found->second};
        }
        if (best) return std::pair(a[best->first].second, b[best->second].second);
        // Near the ends: what is left of both, if it is equal.
        if (a.size() >= window || b.size() >= window) return std::nullopt;
        size_t tail = 0;
        while (tail < a.size() && tail < b.size() &&
               a[a.size() - 1 - tail].first == b[b.size() - 1 - tail].first)
            ++tail;
        if (tail == 0) return std::nullopt;
        return std::pair(a[a.size() - tail].second, b[b.size() - tail].second);
    }

    void end_of(const TraceStep* x, const TraceStep* y) {
        const StepStream* const ended = x == nullptr ? &native_ : &guest_;
        if ((x == nullptr) != (y == nullptr) && ended->ended_by_program())
            return difference(TimeCause::none,
                              x == nullptr ? "the program has ended natively and goes on as a guest"
                                           : "the program has ended as a guest and goes on natively",
                              ComparisonEnd::difference);
        ended_ = true;
        result_.end = x == nullptr && y == nullptr ? ComparisonEnd::agreed : ComparisonEnd::one_ended;
    }

    CauseCount& count(TimeCause cause) {
        CauseCount& counted = result_.causes[static_cast<unsigned>(cause)];
        if (!counted.first) counted.first = result_.instructions;
        return counted;
    }

    void note_first(TimeCause cause, const std::string& what) {
        if (!result_.first) result_.first = describe(cause, what);
    }

    void difference(TimeCause cause, const std::string& what, ComparisonEnd end) {
        result_.last = describe(cause, what);
        result_.end = end;
        ended_ = true;
    }

    StreamComparison::Difference describe(TimeCause cause, const std::string& what) {
        StreamComparison::Difference found{cause, what, result_.instructions, {}};
        for (size_t back = kShown; back > 0; --back)
            if (const TraceStep* const step = native_.behind(back)) found.around.before.push_back(*step);
        for (size_t i = 0; i < kShown; ++i) {
            if (const TraceStep* const step = native_.peek(i)) found.around.native.push_back(*step);
            if (const TraceStep* const step = guest_.peek(i)) found.around.guest.push_back(*step);
        }
        return found;
    }

    StepStream &native_, &guest_;
    StreamComparison result_;
    TimeValues values_;
    std::optional<TraceStep> last_, last_guest_;  // the pair before; empty behind a gap
    std::vector<std::pair<unsigned, TimeCause>> new_causes_;
    TimeCause gap_ = TimeCause::none;  // why they were apart the last time
    bool together_ = false;            // just brought together: perhaps at one interruption at two places
    bool any_ = false;                 // some register differs
    bool polled_ = false;              // a loop has gone round another number of times since
    bool ended_ = false;
};

}  // namespace

std::string_view word_of(ComparisonEnd end) {
    switch (end) {
        case ComparisonEnd::agreed: return "agreed";
        case ComparisonEnd::one_ended: return "one-ended";
        case ComparisonEnd::limit: return "limit";
        case ComparisonEnd::difference: return "difference";
        case ComparisonEnd::lost: return "lost";
        case ComparisonEnd::interrupted: return "interrupted";
    }
    return "";
}

StreamComparison compare_streams(StepStream& native, StepStream& guest, uint64_t instructions,
                                 const std::function<bool()>& interrupted) {
    return Comparing(native, guest).run(instructions, interrupted);
}

}  // namespace vmcp::experiment
