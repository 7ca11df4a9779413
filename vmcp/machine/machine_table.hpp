// The virtual machines that are logged on, by their ids. An id is used again when its machine has logged off,
// the lowest one first, so that nothing grows with the number of machines that there ever were.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/machine/virtual_machine.hpp"

namespace vmcp {

class MachineTable {
  public:
    /// The id that the next machine will have.
    VmId next_id() const {
        for (VmId id = lowest_free_; id < machines_.size(); ++id)
            if (machines_[id] == nullptr) return id;
        return static_cast<VmId>(machines_.size());
    }
    VirtualMachine& add(std::unique_ptr<VirtualMachine> vm) {
        const VmId id = vm->id;
        if (id == machines_.size()) machines_.emplace_back();
        ids_.emplace(vm->options.name, id);
        machines_[id] = std::move(vm);
        lowest_free_ = id + 1;
        ++count_;
        return *machines_[id];
    }
    void remove(VmId id) {
        ids_.erase(machines_[id]->options.name);
        machines_[id].reset();
        lowest_free_ = std::min(lowest_free_, id);
        --count_;
    }

    void clear() {
        machines_.clear();
        ids_.clear();
        lowest_free_ = 0;
        count_ = 0;
    }

    /// `id` is that of a machine that is logged on.
    VirtualMachine& operator[](VmId id) const { return *machines_[id]; }
    /// Null if there is none of this name, or with this id.
    VirtualMachine* find(std::string_view name) const {
        const auto it = ids_.find(name);
        return it != ids_.end() ? machines_[it->second].get() : nullptr;
    }
    VirtualMachine* find(VmId id) const { return id < machines_.size() ? machines_[id].get() : nullptr; }
    size_t size() const { return count_; }

    /// In the order of the ids.
    class Iterator {
      public:
        using Place = std::vector<std::unique_ptr<VirtualMachine>>::const_iterator;
        Iterator(Place at, Place end) : at_(at), end_(end) { skip(); }
        VirtualMachine& operator*() const { return **at_; }
        Iterator& operator++() {
            ++at_;
            skip();
            return *this;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

      private:
        void skip() {
            while (at_ != end_ && *at_ == nullptr) ++at_;
        }
        Place at_, end_;
    };
    Iterator begin() const { return {machines_.begin(), machines_.end()}; }
    Iterator end() const { return {machines_.end(), machines_.end()}; }

  private:
    std::vector<std::unique_ptr<VirtualMachine>> machines_;
    std::map<std::string, VmId, std::less<>> ids_;
    VmId lowest_free_ = 0;  // no lower one is free
    size_t count_ = 0;
};

}  // namespace vmcp
