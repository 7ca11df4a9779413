// A policy out of a shared object: it makes the choices of the built-in one that it imitates, its own are
// checked, and what is wrong with a file is one line.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

#include "scheduler/make_policy.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

using scheduler::make_policy;
using scheduler::Policy;

namespace {

constexpr const char* kRoundRobin = R"(
#include "scheduler/policy_plugin.h"
#include <stdlib.h>
#include <string.h>
#ifndef SLICE
#define SLICE q->slice
#endif
#ifndef PICKED
#define PICKED q->ids[0]
#endif
#ifndef VERSION
#define VERSION VMCP_POLICY_VERSION
#endif
struct queue { int64_t slice; unsigned count; uint32_t ids[64]; };
static void *make(int64_t slice) { struct queue *q = calloc(1, sizeof *q); q->slice = slice; return q; }
static void add(void *s, uint32_t id, const struct vmcp_entity *e, int64_t t) { (void)s, (void)id, (void)e, (void)t; }
static void take(struct queue *q, uint32_t id) {
    for (unsigned i = 0; i < q->count; ++i)
        if (q->ids[i] == id) memmove(q->ids + i, q->ids + i + 1, (--q->count - i) * sizeof id);
}
static void gone(void *q, uint32_t id, int64_t t) { (void)t; take(q, id); }
static void join(void *s, uint32_t id, int64_t t) { struct queue *q = s; (void)t; q->ids[q->count++] = id; }
static int pick(void *s, int64_t t, uint32_t *id, int64_t *slice) {
    struct queue *q = s;
    (void)t;
    if (q->count == 0) return 0;
    *id = PICKED;
    *slice = SLICE;
    take(q, *id);
    return 1;
}
static void block(void *q, uint32_t id, int was_ready, enum vmcp_wait w, int64_t t) {
    (void)w, (void)t;
    if (was_ready) take(q, id);
}
const struct vmcp_policy *vmcp_make_policy(void) {
    static const struct vmcp_policy table = {VERSION, "mine", make, free, add, 0, gone, join, pick, 0, join, block, 0};
    return &table;
}
)";

bool skipped() {
    if (tests::installed("gcc")) return false;
    MESSAGE("skipped: gcc is not installed");
    return true;
}

struct SharedObject {
    explicit SharedObject(const std::string& flags, const std::string& source = kRoundRobin) {
        tests::put(folder / "mine.c", source);
        const tests::CommandResult result =
            tests::run_command(fmt::format("gcc -shared -fPIC -Wall -Wextra -Werror {} -I {} {} -o {} 2>&1",
                                           flags, VMCP_SOURCE_DIR, folder / "mine.c", file()));
        REQUIRE_MESSAGE(result.code == 0, result.output);
    }
    std::string file() const { return folder / "mine.so"; }

    tests::TemporaryFolder folder;
};

/// Three that compute, and one that waits now and then: who ran, and how long it might have.
std::vector<scheduler::Choice> choices_of(Policy& policy) {
    std::vector<scheduler::Choice> choices;
    for (scheduler::Id id = 0; id < 4; ++id) {
        policy.add(id, {}, 0);
        policy.ready(id, 0);
    }
    for (scheduler::Time now = 0; now < 40; ++now) {
        if (now % 5 == 4) policy.ready(3, now);
        const auto choice = policy.pick(now);
        REQUIRE(choice);
        choices.push_back(*choice);
        policy.charge(choice->id, choice->slice, now);
        if (choice->id == 3)
            policy.block(3, now, scheduler::Wait::io);
        else
            policy.requeue(choice->id, now);
        if (now == 20) policy.remove(1, now);
    }
    return choices;
}

}  // namespace

TEST_CASE("a policy of a shared object chooses as the built-in one that it imitates") {
    if (skipped()) return;
    const SharedObject mine("");
    CHECK(make_policy(mine.file(), {})->name() == "mine");
    CHECK(choices_of(*make_policy(mine.file(), {.slice = 7})) ==
          choices_of(*make_policy("round-robin", {.slice = 7})));
}

TEST_CASE("the choices of a policy of a shared object are checked") {
    if (skipped()) return;
    const auto told = [](const std::string& flags) {
        const SharedObject mine(flags);
        try {
            choices_of(*make_policy(mine.file(), {}));
        } catch (const std::runtime_error& error) {
            return std::string(error.what()).substr(mine.file().size() + 21);
        }
        return std::string();
    };
    CHECK(told("-DSLICE=0") == "pick has given 0 a slice of 0 ns; expected at least 1");
    CHECK(told("-DPICKED=9") == "pick has chosen 9, which does not exist");
    CHECK(told("-DPICKED=3") == "pick has chosen 3, which waits");
    CHECK(told("'-DPICKED=q->ids[0];return 0'") == "pick has chosen nobody, and 4 could run");
}

TEST_CASE("what is wrong with a shared object is one line") {
    if (skipped()) return;
    const auto told = [](const std::string& file) {
        try {
            make_policy(file, {});
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(told("nowhere.so") == "dispatching policy nowhere.so: there is no such file");
    const SharedObject other("-DVERSION=99"), none("", "int nothing;\n");
    CHECK(told(other.file()).ends_with(": it is made for version 99; expected 1"));
    CHECK(told(none.file()).find(": it has no vmcp_make_policy") != std::string::npos);
    tests::put(none.folder / "text.so", "no shared object\n");
    CHECK(told(none.folder / "text.so").find(": it cannot be loaded: ") != std::string::npos);
}
