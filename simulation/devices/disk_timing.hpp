// How long a disk takes: for the arm to move, for the disk to turn, for bytes to pass under a head.
#pragma once

#include <string_view>

#include "simulation/model/time.hpp"

namespace simulation {

struct MachineModel;

struct DiskTiming {
    SimTime rotation = 16'700 * kMicrosecond;
    int64_t bytes_per_second = 806'000;
    /// To the next cylinder, over a third of all cylinders, over all of them.
    SimTime seek_minimum = 10 * kMillisecond, seek_average = 30 * kMillisecond,
            seek_maximum = 55 * kMillisecond;

    /// Moving the arm over so many of `cylinders`: straight lines between the three figures.
    SimTime seek(unsigned distance, unsigned cylinders) const;
    /// How long so many bytes pass under a head.
    SimTime pass(int64_t bytes) const { return bytes * kSecond / bytes_per_second; }

    /// A machine model's figures for a type, such as "3330-1". Throws std::out_of_range with a line that
    /// names what is missing.
    static DiskTiming of(const MachineModel& model, std::string_view type);
};

}  // namespace simulation
