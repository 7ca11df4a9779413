// Host memory for code that is made at run time: it can be written or executed, never both. A process that
// forks gets a copy of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace simulation {

class CodeMemory {
  public:
    /// Costs nothing until used.
    explicit CodeMemory(size_t bytes);
    ~CodeMemory();
    CodeMemory(const CodeMemory&) = delete;
    CodeMemory& operator=(const CodeMemory&) = delete;

    size_t room() const { return size_ - used_; }
    /// Lets `write(place)` put so many bytes of code there, for which there is room. Then it may be executed.
    template <class Write>
    void put(size_t bytes, Write&& write) {
        uint8_t* const place = begin_ + used_;
        open(place, bytes);
        write(place);
        close(place, bytes);
        used_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    }
    /// Everything in it is garbage.
    void clear() { used_ = 0; }
    size_t used() const { return used_; }

  private:
    static constexpr size_t kAlignment = 64;
    void open(uint8_t* place, size_t bytes);
    void close(uint8_t* place, size_t bytes);

    uint8_t* begin_ = nullptr;
    size_t size_ = 0, used_ = 0;
};

}  // namespace simulation
