#include "scheduler/plugin_policy.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace scheduler {

namespace {

vmcp_entity entity_of(const EntityParameters& parameters) {
    return {parameters.priority, parameters.share, parameters.working_set};
}

}  // namespace

bool is_plugin(std::string_view name) { return name.ends_with(".so"); }

PluginPolicy::PluginPolicy(const std::string& file, const Parameters& parameters)
    : Policy(parameters), file_(file) {
    load();
    self_ = table_->make(parameters.slice);
    if (self_ == nullptr) fail("make has answered nothing");
}

PluginPolicy::~PluginPolicy() {
    if (self_ != nullptr) table_->destroy(self_);
}

void PluginPolicy::fail(const std::string& what) const {
    throw std::runtime_error(fmt::format("dispatching policy {}: {}", file_, what));
}

void PluginPolicy::load() {
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) fail("there is no such file");
    // Without a folder in the name it would be looked for among the system's libraries.
    library_ = {dlopen(std::filesystem::absolute(file_).c_str(), RTLD_NOW | RTLD_LOCAL), [](void* library) {
                    if (library != nullptr) dlclose(library);
                }};
    if (!library_) fail(fmt::format("it cannot be loaded: {}", dlerror()));
    const auto entry = reinterpret_cast<const vmcp_policy* (*)()>(dlsym(library_.get(), "vmcp_make_policy"));
    if (entry == nullptr) fail("it has no vmcp_make_policy (C++: is it extern \"C\"?)");
    table_ = entry();
    if (table_ == nullptr) fail("vmcp_make_policy has answered nothing");
    if (table_->version != VMCP_POLICY_VERSION)
        fail(fmt::format("it is made for version {}; expected {}", table_->version,
                         static_cast<unsigned>(VMCP_POLICY_VERSION)));
    const std::pair<const char*, bool> needed[] = {
        {"name", table_->name != nullptr},       {"make", table_->make != nullptr},
        {"destroy", table_->destroy != nullptr}, {"add", table_->add != nullptr},
        {"remove", table_->remove != nullptr},   {"ready", table_->ready != nullptr},
        {"pick", table_->pick != nullptr},       {"requeue", table_->requeue != nullptr},
        {"block", table_->block != nullptr}};
    for (const auto& [what, there] : needed)
        if (!there) fail(fmt::format("its table has no {}", what));
}

void PluginPolicy::tell_change(Id id) {
    const EntityParameters& now = entity_parameters(id);
    if (told_[id] == now) return;
    told_[id] = now;
    const vmcp_entity entity = entity_of(now);
    if (table_->change != nullptr) table_->change(self_, id, &entity);
}

void PluginPolicy::on_add(Id id, Time now) {
    if (id >= told_.size()) told_.resize(size_t{id} + 1);
    told_[id] = entity_parameters(id);
    const vmcp_entity entity = entity_of(told_[id]);
    table_->add(self_, id, &entity, now);
}

void PluginPolicy::on_remove(Id id, State was, Time now) {
    if (was == State::ready) --ready_;
    table_->remove(self_, id, now);
}

void PluginPolicy::on_ready(Id id, Time now) {
    ++ready_;
    tell_change(id);
    table_->ready(self_, id, now);
}

std::optional<Choice> PluginPolicy::choose(Time now) {
    Choice choice{0, 0};
    if (table_->pick(self_, now, &choice.id, &choice.slice) == 0) {
        if (ready_ > 0) fail(fmt::format("pick has chosen nobody, and {} could run", ready_));
        return std::nullopt;
    }
    if (!contains(choice.id)) fail(fmt::format("pick has chosen {}, which does not exist", choice.id));
    if (state(choice.id) == State::waiting) fail(fmt::format("pick has chosen {}, which waits", choice.id));
    if (state(choice.id) == State::running) fail(fmt::format("pick has chosen {}, which runs", choice.id));
    if (choice.slice < 1)
        fail(fmt::format("pick has given {} a slice of {} ns; expected at least 1", choice.id, choice.slice));
    --ready_;
    return choice;
}

void PluginPolicy::on_charge(Id id, Duration used, Time now) {
    if (table_->charge != nullptr) table_->charge(self_, id, used, now);
}

void PluginPolicy::on_requeue(Id id, Time now) {
    ++ready_;
    tell_change(id);
    table_->requeue(self_, id, now);
}

void PluginPolicy::on_block(Id id, State was, Wait wait, Time now) {
    if (was == State::ready) --ready_;
    const vmcp_wait why = wait == Wait::io         ? VMCP_WAIT_IO
                          : wait == Wait::terminal ? VMCP_WAIT_TERMINAL
                                                   : VMCP_WAIT_IDLE;
    table_->block(self_, id, was == State::ready ? 1 : 0, why, now);
}

bool PluginPolicy::does_preempt(Id newcomer, Id running, Duration used) const {
    return table_->preempts != nullptr && table_->preempts(self_, newcomer, running, used) != 0;
}

}  // namespace scheduler
