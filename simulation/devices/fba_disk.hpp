// Fixed-block disk: IBM 3370 (GA26-1657).
//
// Commands: define extent (63), locate (43), read (42), write (41), read IPL (02), read device
// characteristics (64), no-operation (03), sense (04), sense ID (E4), reserve (B4), release (94),
// unconditional reserve (14), read and reset buffered log (A4). Diagnostic commands (44, 53, 73, C4), and the
// locate operation that formats a defective block, are rejected.
//
// The order of a chain: one define extent, then locates, each of which is for exactly one read or write that
// follows it at once. A read IPL before it, of which there may be several, makes the whole disk the extent,
// so that a chain that begins initial program loading may go on with locates. What a locate asks for must lie
// in the extent, and the extent on the disk.
//
// The channel gives what is to be written while the blocks pass; they are put into the image together, so
// that each of them is the old or the new one. What the channel does not give is written as zeros.
#pragma once

#include <array>
#include <memory>

#include "simulation/channel/device.hpp"
#include "simulation/devices/disk_timing.hpp"
#include "simulation/images/block_filter.hpp"
#include "simulation/images/fba_image.hpp"

namespace simulation {

class FbaDisk final : public Device {
  public:
    /// What of it a program or an operator can notice.
    struct State {
        uint32_t position = 0;                         // of the arm
        uint32_t logged_blocks = 0, logged_seeks = 0;  // since the log was read

        // Of the chain.
        enum class Extent : uint8_t { none, whole_disk, defined };
        Extent extent = Extent::none;
        uint8_t mask = 0;
        uint32_t offset = 0, first = 0, last = 0;
        uint8_t operation = 0;  // of the locate before
        uint32_t block = 0, blocks = 0;
    };

    explicit FbaDisk(DiskTiming timing) : Device({}, kMostSense), disk_(timing) { make_control_unit(); }

    std::string_view type() const override { return "3370"; }
    std::string_view control_unit_type() const override { return "3880"; }
    bool bursts() const override { return true; }
    /// Puts a pack on the drive, which becomes ready (device end). Null: takes it off.
    void mount(std::unique_ptr<images::FbaImage> image);
    /// Of the image; 0 where none is mounted.
    uint64_t blocks() const { return image_ ? image_->blocks() : 0; }
    void mount(const Medium& medium) override;
    /// Puts zeros into these blocks, which must exist: an operator's doing, which takes the disk no time.
    /// Throws ImageError.
    void clear(uint32_t first_block, uint32_t count);
    /// All that is read from and written to these blocks from now on goes through this filter, which counts
    /// them from 0. Null: it goes straight.
    void set_filter(std::shared_ptr<images::BlockFilter> filter, uint32_t first, uint32_t count);
    size_t filters() const { return filtered_.size(); }
    void begin_chain() override {
        state_.extent = State::Extent::none;
        state_.operation = 0;
    }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    /// A block that a locate has reached, and that passes meanwhile, comes again a turn later.
    SimTime retry_delay() const override { return state_.operation != 0 ? disk_.rotation : 0; }
    uint8_t read_ipl();
    uint8_t define_extent();
    uint8_t locate();
    uint8_t read(uint32_t block, uint32_t blocks, SimTime wait);
    uint8_t write(bool verify);
    uint8_t give_soon(std::vector<uint8_t> bytes);
    uint8_t give_log();
    uint8_t note(uint8_t sense0, uint8_t sense1, uint8_t message);
    uint8_t reject(uint8_t message);
    void end_with_check(uint8_t sense0, uint8_t sense1, uint8_t message);
    SimTime reach(uint32_t block);
    template <class Do>
    void through_filters(uint32_t block, std::span<uint8_t> bytes, Do what);

    DiskTiming disk_;
    std::unique_ptr<images::FbaImage> image_;
    struct Filtered {
        uint32_t first, count;
        std::shared_ptr<images::BlockFilter> filter;
    };
    std::vector<Filtered> filtered_;  // different blocks
    State state_;
};

}  // namespace simulation
