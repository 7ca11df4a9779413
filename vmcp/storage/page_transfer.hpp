// A page on its way to or from a real device, and when what hangs on it can be used.
//
// How long a paging device that is alone on its channel will take is known at once: a time. A real device
// that others contend for ends when it ends: a transfer, which whoever waits for it is told of.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp {

using simulation::SimTime;

/// What somebody waits for: it is not done once this is given up.
using PageWait = std::shared_ptr<const std::function<void()>>;

class PageTransfer {
  public:
    PageTransfer() = default;
    PageTransfer(const PageTransfer&) = delete;
    PageTransfer& operator=(const PageTransfer&) = delete;

    bool ended() const { return ended_; }
    /// When it has ended: the time at which the page is there, which may be yet to come.
    SimTime ready() const { return ready_; }

    /// Does `action` when it ends, which it must not have yet, unless the answer is given up before.
    [[nodiscard]] PageWait wait(std::function<void()> action) {
        auto wait = std::make_shared<const std::function<void()>>(std::move(action));
        waits_.push_back(wait);
        return wait;
    }
    /// The same for who will be there as long as the transfer.
    void then(std::function<void()> action) { kept_.push_back(wait(std::move(action))); }
    /// Those who wait are told in the order in which they came. Whatever they do, the transfer must last as
    /// long as this.
    void end(SimTime ready) {
        ended_ = true;
        ready_ = ready;
        for (const auto& one : std::exchange(waits_, {}))
            if (const PageWait wait = one.lock()) (*wait)();
        kept_.clear();
    }

  private:
    bool ended_ = false;
    SimTime ready_ = 0;
    std::vector<std::weak_ptr<const std::function<void()>>> waits_;
    std::vector<PageWait> kept_;
};

/// When a page, or the frame that it leaves, can be used.
struct PageReady {
    SimTime at = 0;                                    // not before,
    std::shared_ptr<PageTransfer> transfer = nullptr;  // nor before this has ended; null: there is none

    /// Whether the time is known.
    bool known() const { return transfer == nullptr || transfer->ended(); }
    /// It must be.
    SimTime time() const { return transfer == nullptr ? at : std::max(at, transfer->ready()); }
};

}  // namespace vmcp
