#include "vmcp/experiment/timeline.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace vmcp::experiment {
namespace {

using Json = nlohmann::ordered_json;

/// Of few machines as many as a wide screen shows; of many, what a file can hold.
constexpr size_t kFewest = 16, kMost = 256, kFigures = 6000;
constexpr SimTime kFirstInterval = simulation::kMillisecond / 4;

template <class Figure>
Json each(const std::vector<TimelineMoment>& timeline, Figure&& figure) {
    Json list = Json::array();
    for (const TimelineMoment& moment : timeline) list.push_back(figure(moment));
    return list;
}

}  // namespace

Timeline::Timeline(size_t machines)
    : most_(std::clamp(kFigures / std::max<size_t>(machines, 1), kFewest, kMost)),
      interval_(kFirstInterval) {}

void Timeline::add(TimelineMoment moment) {
    if (moments_.size() >= most_) {
        // The first one stays: it is the beginning.
        size_t kept = 1;
        for (size_t i = 2; i < moments_.size(); i += 2) moments_[kept++] = std::move(moments_[i]);
        moments_.resize(kept);
        interval_ *= 2;
    }
    due_ = (moment.at / interval_ + 1) * interval_;
    moments_.push_back(std::move(moment));
}

Json to_json(const std::vector<TimelineMoment>& timeline) {
    // Machines and devices may come later, and are none before.
    const auto machine = [](const TimelineMoment& moment, size_t i) {
        return i < moment.machines.size() ? moment.machines[i] : TimelineMoment::Machine{};
    };
    const auto device = [](const TimelineMoment& moment, size_t i) {
        return i < moment.devices.size() ? moment.devices[i] : TimelineMoment::Device{};
    };
    using M = const TimelineMoment&;
    Json machines = Json::array(), devices = Json::array();
    const size_t most_machines = timeline.empty() ? 0 : timeline.back().machines.size();
    for (size_t i = 0; i < most_machines; ++i)
        machines.push_back(
            {{"guest_ns", each(timeline, [&](M m) { return machine(m, i).guest; })},
             {"cp_ns", each(timeline, [&](M m) { return machine(m, i).control_program; })},
             {"exits", each(timeline, [&](M m) { return machine(m, i).exits; })},
             {"resident_pages", each(timeline, [&](M m) { return machine(m, i).resident_pages; })}});
    const size_t most_devices = timeline.empty() ? 0 : timeline.back().devices.size();
    for (size_t i = 0; i < most_devices; ++i)
        devices.push_back({{"requests", each(timeline, [&](M m) { return device(m, i).requests; })},
                           {"service_ns", each(timeline, [&](M m) { return device(m, i).service; })}});
    return {{"at_ns", each(timeline, [](M m) { return m.at; })},
            {"idle_ns", each(timeline, [](M m) { return m.idle; })},
            {"cp_own_ns", each(timeline, [](M m) { return m.own; })},
            {"pages_in", each(timeline, [](M m) { return m.pages_in; })},
            {"pages_out", each(timeline, [](M m) { return m.pages_out; })},
            {"frames_free", each(timeline, [](M m) { return m.frames_free; })},
            {"vms", std::move(machines)},
            {"devices", std::move(devices)}};
}

}  // namespace vmcp::experiment
