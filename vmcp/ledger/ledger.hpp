// The ledger: who spent simulated time, and for what. Every nanosecond of the real CPU is entered exactly
// once, as guest time, control-program time or idle time, so the sum of the parts is the whole.
//
// Work is entered under a cause, for an account. Whoever begins something makes a Work of it and hands that
// to those who help him; what is needed besides (a page that must be brought in first, perhaps at the cost of
// another machine's) is Work of its own, by the account that needs it. There is no "present cause" that an
// event in between could change.
#pragma once

#include "simulation/cpu/cpu.hpp"
#include "simulation/model/observers.hpp"
#include "vmcp/ledger/account.hpp"
#include "vmcp/ledger/control_program_model.hpp"

namespace vmcp {

/// Is told of every charge.
class LedgerObserver {
  public:
    virtual ~LedgerObserver() = default;
    /// A step of control-program work was done, `times` times; it began at `begin`.
    virtual void worked(const Account& /*account*/, Cause, Step, uint64_t /*times*/, SimTime /*begin*/,
                        SimTime /*cost*/) {}
};

class Ledger {
  public:
    /// Spends the time of this CPU, which must outlive the ledger.
    Ledger(const ControlProgramModel& model, simulation::Cpu& cpu)
        : plain_{model.prices}, assisted_{model.assisted_prices}, cpu_(cpu) {
        open(own_, false);
    }
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    SimTime now() const { return cpu_.now(); }

    /// Nothing is charged to an account before. `assisted`: microcode takes over paths of the control program
    /// that work for it (facility control_program_assist). May be called again.
    void open(Account& account, bool assisted) { account.table = assisted ? &assisted_ : &plain_; }

    /// The control program spends time on a step, `times` times.
    void charge(Account& account, Cause cause, Step step, uint64_t times = 1) {
        charge(account, account.causes[cause.index()], cause, step, times);
    }
    /// The same with the account's entry of the cause at hand.
    void charge(Account& account, LedgerEntry& entry, Cause cause, Step step, uint64_t times) {
        const auto number = static_cast<unsigned>(step);
        PriceTable& table = *account.table;
        const SimTime cost = table.prices[number] * static_cast<SimTime>(times);
        if (observers.any()) [[unlikely]]
            tell(account, cause, step, times, cost);
        cpu_.spend(cost);
        table.charged[number] += times;
        account.control_program += cost;
        entry.time += cost;
    }
    /// Steps that are done one behind the other, with nothing in between.
    template <class... Steps>
    void charge_all(Account& account, LedgerEntry& entry, Cause cause, Steps... steps) {
        if (observers.any()) [[unlikely]]
            return (charge(account, entry, cause, steps, 1), ...);
        PriceTable& table = *account.table;
        const SimTime cost = (table.prices[static_cast<unsigned>(steps)] + ...);
        (++table.charged[static_cast<unsigned>(steps)], ...);
        cpu_.spend(cost);
        account.control_program += cost;
        entry.time += cost;
    }
    /// The hardware spent time on swapping PSWs, which has passed already.
    void interruption_taken(Account& account, LedgerEntry& entry, SimTime swap) {
        ++hardware_.count;
        hardware_.time += swap;
        account.control_program += swap;
        entry.time += swap;
    }
    /// The hardware spent time on entering or leaving interpretive execution, which has passed already.
    void transit(Account& account, LedgerEntry& entry, SimTime time) {
        ++transitions_.count;
        transitions_.time += time;
        account.control_program += time;
        entry.time += time;
    }
    /// The control program executes an instruction on a guest's operands, which takes the real CPU so long.
    void execute_in_place(Account& account, LedgerEntry& entry, SimTime time) {
        ++in_place_.count;
        in_place_.time += time;
        cpu_.spend(time);
        account.control_program += time;
        entry.time += time;
    }
    /// The real CPU waits until `until`, which is not before now.
    void idle_until(SimTime until, bool for_pages) {
        const SimTime time = until - now();
        cpu_.set_now(until);
        idle_ += time;
        if (for_pages) idle_for_pages_ += time;
    }

    /// The control program's own account.
    Account& own() { return own_; }
    const Account& own() const { return own_; }
    StepTotals totals() const {
        StepTotals totals{.hardware = hardware_, .transitions = transitions_, .in_place = in_place_};
        for (const PriceTable* table : {&plain_, &assisted_})
            for (unsigned i = 0; i < kSteps; ++i) {
                totals.steps[i].count += table->charged[i];
                totals.steps[i].time += table->prices[i] * static_cast<SimTime>(table->charged[i]);
            }
        for (unsigned i = 0; i < kSteps; ++i)
            totals.assisted[i] = assisted_.prices[i] * static_cast<SimTime>(assisted_.charged[i]);
        return totals;
    }
    SimTime idle() const { return idle_; }
    /// Of that, while a virtual machine waited for a page.
    SimTime idle_for_pages() const { return idle_for_pages_; }

    simulation::Observers<LedgerObserver> observers;

  private:
    [[gnu::cold]] void tell(const Account& account, Cause cause, Step step, uint64_t times, SimTime cost) {
        observers.tell([&](LedgerObserver& o) { o.worked(account, cause, step, times, now(), cost); });
    }

    PriceTable plain_, assisted_;
    simulation::Cpu& cpu_;
    LedgerEntry hardware_, transitions_, in_place_;
    Account own_;
    SimTime idle_ = 0, idle_for_pages_ = 0;
};

/// A stretch of control-program work: for whom, and why. Making one enters one event under its cause.
class Work {
  public:
    Work(Ledger& ledger, Account& account, Cause cause) : Work(ledger, account, cause, Continued{}) {
        ++entry_->count;
    }
    /// Work that was begun elsewhere goes on here: no further event.
    static Work continued(Ledger& ledger, Account& account, Cause cause) {
        return Work(ledger, account, cause, Continued{});
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    void step(Step step, uint64_t times = 1) { ledger_.charge(account_, *entry_, cause_, step, times); }
    template <class... Steps>
    void steps(Steps... steps) {
        ledger_.charge_all(account_, *entry_, cause_, steps...);
    }
    /// It goes on as something else, for the same account: another event.
    void turn_to(Cause cause) {
        cause_ = cause;
        entry_ = &account_.causes[cause.index()];
        ++entry_->count;
    }
    void interruption_taken(SimTime swap) { ledger_.interruption_taken(account_, *entry_, swap); }
    void transit(SimTime time) { ledger_.transit(account_, *entry_, time); }
    void execute_in_place(SimTime time) { ledger_.execute_in_place(account_, *entry_, time); }

    Ledger& ledger() { return ledger_; }
    Account& account() { return account_; }
    Cause cause() const { return cause_; }

  private:
    struct Continued {};
    Work(Ledger& ledger, Account& account, Cause cause, Continued)
        : ledger_(ledger), account_(account), entry_(&account.causes[cause.index()]), cause_(cause) {}

    Ledger& ledger_;
    Account& account_;
    LedgerEntry* entry_;
    Cause cause_;
};

}  // namespace vmcp
