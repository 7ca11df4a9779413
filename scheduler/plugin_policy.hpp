// A policy out of a shared object that somebody else has made: scheduler/policy_plugin.h is what they see.
//
// Its choices are not trusted. Who is chosen must be ready, for a slice of at least 1 ns, and somebody must
// be if anybody is ready; otherwise std::runtime_error says which rule was broken.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scheduler/policy.hpp"
#include "scheduler/policy_plugin.h"

namespace scheduler {

/// Whether a name of a policy is that of a file: it ends with ".so".
bool is_plugin(std::string_view name);

class PluginPolicy final : public Policy {
  public:
    /// Throws std::runtime_error, in one line, if there is no such file, if it is no shared object with
    /// vmcp_make_policy, is made for another version, or lacks a function.
    PluginPolicy(const std::string& file, const Parameters& parameters);
    ~PluginPolicy() override;

    std::string_view name() const override { return table_->name; }

  private:
    [[noreturn]] void fail(const std::string& what) const;
    void load();
    void tell_change(Id id);

    void on_add(Id id, Time now) override;
    void on_remove(Id id, State was, Time now) override;
    void on_ready(Id id, Time now) override;
    std::optional<Choice> choose(Time now) override;
    void on_charge(Id id, Duration used, Time now) override;
    void on_requeue(Id id, Time now) override;
    void on_block(Id id, State was, Wait wait, Time now) override;
    bool does_preempt(Id newcomer, Id running, Duration used) const override;

    std::string file_;
    std::shared_ptr<void> library_;
    const vmcp_policy* table_ = nullptr;
    void* self_ = nullptr;
    std::vector<EntityParameters> told_;  // what it was told last of each
    size_t ready_ = 0;
};

}  // namespace scheduler
