#include "bench/support/looping_guests.hpp"

#include "bench/support/program.hpp"

namespace bench {
namespace {

constexpr unsigned kStorage = 64;  // MiB: room for a page of each

constexpr const char* kLooping =
    "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\n"
    "BEGIN BALR 12,0\n USING *,12\n"
    "LOOP L 1,COUNT\n LA 1,1(,1)\n ST 1,COUNT\n B LOOP\n"
    "COUNT DC F'0'\n END BEGIN\n";

}  // namespace

LoopingGuests::LoopingGuests(std::string_view policy, unsigned virtual_machines)
    : host_(kStorage, policy, 20 * simulation::kMicrosecond) {
    const std::vector<uint8_t> image = Program(kLooping, "loop").image(0);
    for (unsigned i = 0; i < virtual_machines; ++i) host_.start(image);
    turns(uint64_t{2} * virtual_machines);  // every guest's code is decoded, every policy has settled
}

uint64_t LoopingGuests::turns(uint64_t wanted) {
    const uint64_t first = host_.cp.switches();
    while (host_.cp.switches() - first < wanted) host_.cp.run(host_.cp.now() + 10 * simulation::kMillisecond);
    return host_.cp.switches() - first;
}

}  // namespace bench
