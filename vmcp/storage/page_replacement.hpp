// Page replacement: which page frame is given up when real storage runs short. One interface, several
// policies, over frames by number; what a frame holds is not their business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace vmcp {

/// What a policy may ask of a frame.
class FrameView {
  public:
    virtual ~FrameView() = default;
    /// False for a frame that must stay: locked, reserved, or just brought in.
    virtual bool may_be_taken(uint32_t frame) = 0;
    /// Whether it was referenced since the last time that this was asked, or since it arrived.
    virtual bool test_and_reset_reference(uint32_t frame) = 0;
};

class PageReplacement {
  public:
    virtual ~PageReplacement() = default;
    virtual std::string_view name() const = 0;
    /// A frame has been filled; it has left. A frame that has arrived does not arrive again before it left.
    virtual void arrived(uint32_t frame) = 0;
    virtual void left(uint32_t frame) = 0;
    /// Several frames are about to be chosen.
    virtual void begin_choosing(FrameView&) {}
    /// A frame to be given up, which may be taken; empty if there is none.
    virtual std::optional<uint32_t> choose(FrameView& frames) = 0;
};

/// "clock": second chance, as in CP: a hand goes round over the frames; one that was referenced since it last
/// came by is passed over once. "lru": the least recently referenced goes, as far as reference bits tell:
/// they are looked at whenever frames are to be chosen. "fifo": the one that has been there longest goes.
/// Empty for another name. `frames`: how many frames there are.
std::unique_ptr<PageReplacement> make_page_replacement(std::string_view name, uint32_t frames);

/// The names that make_page_replacement knows.
std::vector<std::string_view> page_replacement_names();

}  // namespace vmcp
