// The directory: what users have that need not be logged on.
#pragma once

#include <string>
#include <vector>

#include "vmcp/io/mapped_device.hpp"

namespace vmcp {

struct DirectoryUser {
    std::string name;
    std::vector<MappedDevice> disks;  // minidisks, which others may link
};

}  // namespace vmcp
