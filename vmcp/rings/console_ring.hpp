// A console with rings: what its driver sends appears on the machine's console, what is typed there comes to
// its driver, as long as that drives it. EBCDIC; X'15' ends a line.
#pragma once

#include <deque>
#include <string>

#include "vmcp/io/virtual_io.hpp"
#include "vmcp/rings/ring_device.hpp"

namespace vmcp {

class ConsoleRing final : public RingDevice {
  public:
    enum Queue : unsigned { receive = 0, transmit = 1 };
    static constexpr uint16_t kColumns = 132;
    /// So many typed lines wait for buffers; others go where lines go without this device.
    static constexpr size_t kMostLines = 16;

    ConsoleRing(const RingHost& host, unsigned number, const RingDescription& description, VirtualIo& io);
    ~ConsoleRing() override;

    uint32_t most_bytes() const override { return 4096; }
    std::array<uint8_t, kConfiguration> configuration() const override;

  private:
    bool serve(Work& work, unsigned queue) override;
    void abandon() override;
    bool serve_input(Work& work);
    bool serve_output(Work& work);
    bool take_line(std::string_view line);
    void type(Work& work, std::span<const uint8_t> text);

    VirtualIo& io_;
    std::deque<std::string> typed_;
    std::string line_;  // that is not complete yet
};

}  // namespace vmcp
