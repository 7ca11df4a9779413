// The life of a device with shared rings, as its driver sees it: steps of the status, features, queues, who
// is told of what, and who is not.
#include <doctest/doctest.h>

#include "tests/vmcp/rings/ring_driver.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kQueue = 0x1000, kBuffer = 0x8000;

struct Entropy {
    Entropy() : machine(host, {ring_of(RingKind::entropy)}), queue(machine, 0, 0, kQueue) {}
    RingDevice& device() const { return machine.device(); }
    void offer_and_ring(unsigned chains = 1) {
        for (unsigned i = 0; i < chains; ++i) queue.offer({{kBuffer, 16, true}});
        queue.ring();
    }
    /// Takes the interruption that is pending, if one is.
    bool told() {
        const bool signals = machine.vm->rings->signals();
        if (signals) machine.vm->rings->signal_taken();
        return signals;
    }

    IoHost host;
    RingMachine machine;
    QueueDriver queue;
};

TEST_CASE("each step of the status needs the one before") {
    const Entropy e;
    RingDevice& device = e.device();
    CHECK(device.accept(0) == RingRefusal::order);
    CHECK(device.set_status(0x02) == RingRefusal::order);
    CHECK(device.set_status(0x01) == RingRefusal::none);
    CHECK(device.set_status(0x09) == RingRefusal::order);
    CHECK(device.set_status(0x03) == RingRefusal::none);
    CHECK(device.accept(0x40000000) == RingRefusal::features);
    CHECK(device.accept(kEventIndex) == RingRefusal::none);
    CHECK(device.set_queue(0, {8, kQueue, kQueue + 0x80, kQueue + 0xC0}) == RingRefusal::order);
    CHECK(device.set_status(0x0B) == RingRefusal::none);
    CHECK(device.accept(0) == RingRefusal::order);
    CHECK(device.set_status(0x0F) == RingRefusal::order);  // there is no queue yet
    CHECK(device.set_queue(0, {8, kQueue, kQueue + 0x80, kQueue + 0xC0}) == RingRefusal::none);
    CHECK(device.set_status(0x0F) == RingRefusal::none);
    CHECK(device.set_status(0x01) == RingRefusal::number);  // a bit does not go but by a reset
    CHECK(device.set_status(0x1F) == RingRefusal::number);
    CHECK(device.status() == 0x0F);
    CHECK(device.live());
    CHECK(device.set_status(0x8F) == RingRefusal::none);  // the driver has given up
    CHECK_FALSE(device.live());
    CHECK(device.set_status(0) == RingRefusal::none);
    CHECK(device.status() == 0);
    CHECK(device.accepted() == 0);
}

TEST_CASE("a queue must be a power of two, aligned, within storage, and in parts that do not overlap") {
    const Entropy e;
    RingDevice& device = e.device();
    negotiate(device, 0);
    const auto refusal = [&](QueuePlace place) { return device.set_queue(0, place); };
    CHECK(device.set_queue(1, {8, 0x1000, 0x2000, 0x3000}) == RingRefusal::number);
    CHECK(refusal({0, 0x1000, 0x2000, 0x3000}) == RingRefusal::size);
    CHECK(refusal({6, 0x1000, 0x2000, 0x3000}) == RingRefusal::size);
    CHECK(refusal({256, 0x1000, 0x2000, 0x3000}) == RingRefusal::size);  // 128 at most, as it is described
    CHECK(refusal({8, 0x1008, 0x2000, 0x3000}) == RingRefusal::place);
    CHECK(refusal({8, 0x1000, 0x2001, 0x3000}) == RingRefusal::place);
    CHECK(refusal({8, 0x1000, 0x2000, 0x3002}) == RingRefusal::place);
    CHECK(refusal({8, 0x1000, 0x1040, 0x3000}) == RingRefusal::place);
    CHECK(refusal({8, 0x1000, 0x2000, 0x2010}) == RingRefusal::place);
    CHECK(refusal({8, kRingStorage - 64, 0x2000, 0x3000}) == RingRefusal::address);
    CHECK(refusal({8, 0xFFFFFFF0, 0x2000, 0x3000}) == RingRefusal::address);
    CHECK(refusal({8, 0x1000, 0x2000, 0x3000}) == RingRefusal::none);
}

TEST_CASE("what is used is told by an interruption, and by a bit where one is wanted") {
    Entropy e;
    constexpr uint32_t kIndicators = 0x4000;
    CHECK(e.machine.vm->rings->set_indicators(kIndicators + 4) == RingRefusal::place);
    CHECK(e.machine.vm->rings->set_indicators(kRingStorage) == RingRefusal::address);
    CHECK(e.machine.vm->rings->set_indicators(kIndicators) == RingRefusal::none);
    CHECK_FALSE(e.queue.ring());  // nobody drives it
    bring_up({&e.queue});
    e.offer_and_ring();
    CHECK(e.queue.used_index() == 1);
    CHECK(e.queue.entry(0) == std::pair<uint32_t, uint32_t>{0, 16});
    CHECK(get(*e.machine.vm, kIndicators, 4) == 0x80000000);
    CHECK(get(*e.machine.vm, kIndicators + 4, 4) == 0);
    CHECK(e.told());
    CHECK_FALSE(e.told());
}

TEST_CASE("a flag of the available ring keeps interruptions away") {
    Entropy e;
    bring_up({&e.queue});
    e.queue.no_interruption(true);
    e.offer_and_ring();
    CHECK_FALSE(e.told());
    e.queue.no_interruption(false);
    e.offer_and_ring();
    CHECK(e.told());
    CHECK(e.device().counts().suppressed == 1);
    CHECK(e.device().counts().notifications == 1);
}

TEST_CASE("with event indexes the driver is told when the used index goes beyond its own, and not before") {
    Entropy e;
    bring_up({&e.queue}, kEventIndex);
    e.queue.used_event(2);  // when the third has been used
    e.offer_and_ring();
    CHECK_FALSE(e.told());
    e.offer_and_ring();
    CHECK_FALSE(e.told());
    e.offer_and_ring();
    CHECK(e.told());
    e.offer_and_ring();
    CHECK_FALSE(e.told());  // the event is over
    e.queue.used_event(5);
    e.offer_and_ring(3);  // from 4 to 7 at once
    CHECK(e.told());
    CHECK(e.device().counts().suppressed == 3);
    // The device tells from which index on it wants to be rung for.
    CHECK(e.queue.doorbell_event() == 7);
}

TEST_CASE("event indexes: the same as counting, for all distances, over the end of 16 bits") {
    for (const uint16_t before : {uint16_t{0}, uint16_t{7}, uint16_t{0xFFF0}, uint16_t{0xFFFF}})
        for (uint16_t steps = 1; steps <= 256; ++steps)
            for (int distance = -300; distance <= 300; ++distance) {
                // The event is passed where one of the steps leads from it to the next index.
                bool passed = false;
                const auto event = static_cast<uint16_t>(before + distance);
                if (distance >= 0 && distance < steps) passed = true;
                if (passes_event(event, static_cast<uint16_t>(before + steps), before) != passed)
                    FAIL("event " << event << " from " << before << " by " << steps);
            }
}

TEST_CASE("more than a portion is done in the machine's own time, and doorbells are not wanted meanwhile") {
    IoHost host;
    RingMachine machine(host, {ring_of(RingKind::entropy)});
    QueueDriver queue(machine, 0, 0, kQueue, 128);
    bring_up({&queue});
    for (unsigned i = 0; i < 100; ++i) queue.offer({{kBuffer, 16, true}});
    queue.ring();
    CHECK(queue.used_index() == RingDevice::kAtOnce);
    CHECK_FALSE(queue.wants_doorbell());
    for (unsigned i = 0; i < 1000; ++i) queue.ring();  // a storm does not make it faster
    CHECK(queue.used_index() == RingDevice::kAtOnce);
    machine.rest();
    CHECK(queue.used_index() == 100);
    CHECK(queue.wants_doorbell());
}

TEST_CASE("a driver that does wrong finds a device that needs a reset, and why") {
    struct Wrong {
        RingFault fault;
        void (*how)(QueueDriver&);
    };
    const Wrong all[] = {
        {RingFault::loop,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 16, true}});
             q.descriptor(0, kBuffer, 16, 3, 0);
         }},
        {RingFault::length,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 4097, true}});
         }},
        {RingFault::length,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 0xFFFFFFFF, true}});
         }},
        {RingFault::length,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 0, true}});
         }},
        {RingFault::length,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 4000, true}, {kBuffer, 97, true}});
         }},
        {RingFault::address,
         [](QueueDriver& q) {
             q.offer({{kRingStorage - 8, 16, true}});
         }},
        {RingFault::address,
         [](QueueDriver& q) {
             q.offer({{0xFFFFFFF8, 16, true}});
         }},
        {RingFault::address,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 16, true}});
             put(*q.machine.vm, q.table, 1, 4);  // a word that must be zero
         }},
        {RingFault::index, [](QueueDriver& q) { put(*q.machine.vm, q.available + 2, 9, 2); }},
        {RingFault::descriptor,
         [](QueueDriver& q) {
             put(*q.machine.vm, q.available + 4, 8, 2);
             put(*q.machine.vm, q.available + 2, 1, 2);
         }},
        {RingFault::descriptor,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 16, true}});
             q.descriptor(0, kBuffer, 16, 3, 0xFFFF);
         }},
        {RingFault::direction,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 16, true}, {kBuffer, 16, false}});
         }},
        {RingFault::flags,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 16, true}});
             q.descriptor(0, kBuffer, 16, 4, 0);  // an indirect table, which is not offered
         }},
        {RingFault::request,
         [](QueueDriver& q) {
             q.offer({{kBuffer, 16, false}});
         }},
    };
    for (const Wrong& wrong : all) {
        CAPTURE(name_of(wrong.fault));
        Entropy e;
        REQUIRE(e.machine.vm->rings->set_indicators(0x4000) == RingRefusal::none);
        bring_up({&e.queue});
        wrong.how(e.queue);
        CHECK(e.queue.ring());
        CHECK(name_of(e.device().fault()) == name_of(wrong.fault));
        CHECK(e.device().status() == 0x4F);
        CHECK(e.device().counts().faults[static_cast<unsigned>(wrong.fault)] == 1);
        CHECK(get(*e.machine.vm, 0x4004, 4) == 0x80000000);
        CHECK(e.told());
        const uint16_t used = e.queue.used_index();
        e.queue.offer({{kBuffer, 16, true}});
        CHECK_FALSE(e.queue.ring());  // and does nothing more
        CHECK(e.queue.used_index() == used);
        // A reset is the way back.
        REQUIRE(e.device().set_status(0) == RingRefusal::none);
        put_storage(*e.machine.vm, kQueue, Bytes(0x200));
        QueueDriver again(e.machine, 0, 0, kQueue);
        bring_up({&again});
        again.offer({{kBuffer, 16, true}});
        CHECK(again.ring());
        CHECK(again.used_index() == 1);
    }
}

TEST_CASE("a named segment is no storage for rings, buffers or indicators, whenever it came") {
    constexpr uint32_t kSegment = 0x30000;
    IoHost other;
    other.cp.define_segment("SEGMENT", SecondLevel(kSegment), Bytes(0x1000, 0x77));
    RingMachine machine(other, {ring_of(RingKind::entropy)});
    QueueDriver queue(machine, 0, 0, kQueue);
    REQUIRE(machine.vm->rings->set_indicators(kSegment) == RingRefusal::none);
    bring_up({&queue});
    SharedSegment& segment = *other.cp.find_segment("SEGMENT");
    REQUIRE(machine.vm->storage.attach(segment));
    CHECK(machine.vm->rings->set_indicators(kSegment) == RingRefusal::address);
    queue.offer({{kBuffer, 16, true}});
    queue.ring();
    CHECK(queue.used_index() == 1);
    CHECK(get(*machine.vm, kSegment, 4) == 0x77777777);  // the indicators are not there any more
    queue.offer({{kSegment - 8, 16, true}});
    queue.ring();
    CHECK(machine.device().fault() == RingFault::address);
    CHECK(get(*machine.vm, kSegment, 4) == 0x77777777);
    CHECK(get(*machine.vm, kSegment - 8, 4) == 0);
}

TEST_CASE("entropy: the same seed gives the same bytes, another one others") {
    const auto bytes = [](uint64_t seed) {
        IoHost host;
        RingDescription ring = ring_of(RingKind::entropy);
        ring.seed = seed;
        RingMachine machine(host, {ring});
        QueueDriver queue(machine, 0, 0, kQueue);
        bring_up({&queue});
        queue.offer({{kBuffer, 100, true}, {kBuffer + 0x1000, 60, true}});
        queue.ring();
        CHECK(queue.entry(0).second == 160);
        Bytes all = get_bytes(*machine.vm, kBuffer, 100);
        const Bytes more = get_bytes(*machine.vm, kBuffer + 0x1000, 60);
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    const Bytes one = bytes(1);
    CHECK(one == bytes(1));
    CHECK(one != bytes(2));
    CHECK(std::count(one.begin(), one.end(), uint8_t{0}) < 10);
}

}  // namespace
}  // namespace vmcp::test
