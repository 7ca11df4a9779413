// Host memory for code that is made at run time: it can be written or executed, never both. A process that
// forks gets a copy of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace simulation {

class CodeMemory {
  public:
    /// Costs nothing until used. A host that refuses it leaves no room.
    explicit CodeMemory(size_t bytes);
    ~CodeMemory();
    CodeMemory(const CodeMemory&) = delete;
    CodeMemory& operator=(const CodeMemory&) = delete;

    size_t room() const { return size_ - used_; }
    /// Lets `write(place)` put so many bytes of code there, for which there is room. Then it may be executed.
    /// False: the host does not allow that, now or later.
    template <class Write>
    bool put(size_t bytes, Write&& write) {
        uint8_t* const place = begin_ + used_;
        if (!open(place, bytes)) return false;
        write(place);
        if (!close(place, bytes)) return false;
        used_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
        return true;
    }
    /// Everything in it is garbage.
    void clear() { used_ = 0; }

  private:
    static constexpr size_t kAlignment = 64;
    bool open(uint8_t* place, size_t bytes);
    bool close(uint8_t* place, size_t bytes);
    bool protect(uint8_t* place, size_t bytes, int protection);

    uint8_t* begin_ = nullptr;
    size_t mapped_ = 0, size_ = 0, used_ = 0;
};

}  // namespace simulation
