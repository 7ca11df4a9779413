#include "simulation/devices/disk_timing.hpp"

#include <algorithm>

#include "simulation/model/machine_model.hpp"

namespace simulation {

SimTime DiskTiming::seek(unsigned distance, unsigned cylinders) const {
    if (distance == 0) return 0;
    const SimTime d = distance - 1;
    const SimTime third = std::max<SimTime>(1, cylinders / 3);
    const SimTime all = std::max<SimTime>(third + 1, static_cast<SimTime>(cylinders) - 2);
    if (d <= third) return seek_minimum + (seek_average - seek_minimum) * d / third;
    return seek_average + (seek_maximum - seek_average) * (std::min(d, all) - third) / (all - third);
}

DiskTiming DiskTiming::of(const MachineModel& model, std::string_view type) {
    const auto figure = [&](std::string_view name) { return model.device(type, name).value; };
    DiskTiming timing;
    timing.rotation = figure("rotation_us") * kMicrosecond;
    timing.bytes_per_second = figure("bytes_per_second");
    timing.seek_minimum = figure("seek_minimum_us") * kMicrosecond;
    timing.seek_average = figure("seek_average_us") * kMicrosecond;
    timing.seek_maximum = figure("seek_maximum_us") * kMicrosecond;
    return timing;
}

}  // namespace simulation
