#include "vmcp/storage/page_replacement.hpp"

#include <set>
#include <utility>

namespace vmcp {
namespace {

class Clock final : public PageReplacement {
  public:
    explicit Clock(uint32_t frames) : present_(frames) {}
    std::string_view name() const override { return "clock"; }
    void arrived(uint32_t frame) override { present_[frame] = true; }
    void left(uint32_t frame) override { present_[frame] = false; }
    std::optional<uint32_t> choose(FrameView& frames) override {
        // Once round takes the second chances away, the second round finds one if there is one at all.
        for (size_t looked_at = 0; looked_at < 2 * present_.size(); ++looked_at) {
            const uint32_t frame = hand_;
            hand_ = hand_ + 1 == present_.size() ? 0 : hand_ + 1;
            if (present_[frame] && frames.may_be_taken(frame) && !frames.test_and_reset_reference(frame))
                return frame;
        }
        return std::nullopt;
    }

  private:
    std::vector<bool> present_;
    uint32_t hand_ = 0;
};

/// Frames in an order of which the first is given up first.
class Ordered : public PageReplacement {
  public:
    explicit Ordered(uint32_t frames) : place_(frames) {}
    void arrived(uint32_t frame) override { append(frame); }
    void left(uint32_t frame) override { order_.erase({place_[frame], frame}); }
    std::optional<uint32_t> choose(FrameView& frames) override {
        for (const auto& [place, frame] : order_)
            if (frames.may_be_taken(frame)) return frame;
        return std::nullopt;
    }

  protected:
    void append(uint32_t frame) {
        place_[frame] = ++last_;
        order_.insert(order_.end(), {last_, frame});
    }
    std::set<std::pair<uint64_t, uint32_t>> order_;
    std::vector<uint64_t> place_;
    uint64_t last_ = 0;
};

class Fifo final : public Ordered {
  public:
    using Ordered::Ordered;
    std::string_view name() const override { return "fifo"; }
};

class Lru final : public Ordered {
  public:
    using Ordered::Ordered;
    std::string_view name() const override { return "lru"; }
    void begin_choosing(FrameView& frames) override {
        std::vector<uint32_t> referenced;
        for (const auto& [place, frame] : order_)
            if (frames.test_and_reset_reference(frame)) referenced.push_back(frame);
        for (const uint32_t frame : referenced) {
            left(frame);
            append(frame);
        }
    }
};

}  // namespace

std::unique_ptr<PageReplacement> make_page_replacement(std::string_view name, uint32_t frames) {
    if (name == "clock") return std::make_unique<Clock>(frames);
    if (name == "lru") return std::make_unique<Lru>(frames);
    if (name == "fifo") return std::make_unique<Fifo>(frames);
    return nullptr;
}

std::vector<std::string_view> page_replacement_names() { return {"clock", "lru", "fifo"}; }

}  // namespace vmcp
