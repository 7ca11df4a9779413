// Which traps a story is told of: the little language of --explain.
#include "vmcp/experiment/event_choice.hpp"

#include <doctest/doctest.h>

namespace vmcp::experiment {
namespace {

const EventNames kNames{.event = "trap",
                        .machines = {"hello", "SIO", "cpu2"},
                        .causes = {"LPSW", "SIO", "page_fill"},
                        .causes_text = "a cause (LPSW, SIO, page_fill)"};

std::string complaint(const char* text) {
    try {
        parse_event_choice(text, kNames);
    } catch (const ChoiceError& error) {
        return error.what();
    }
    return "";
}

TEST_CASE("traps are chosen by parts in any order") {
    CHECK(parse_event_choice("3", kNames).count == 3);
    CHECK(parse_event_choice("3", kNames).only_counts());
    CHECK(parse_event_choice("HELLO", kNames).machine == 0);
    CHECK(parse_event_choice("lpsw", kNames).cause == 0);
    CHECK(parse_event_choice("page_fill", kNames).cause == 2);
    CHECK(parse_event_choice("@1234", kNames).number == 1234);
    CHECK(parse_event_choice("1.5ms", kNames).time == 1'500'000);
    // A machine goes before a cause of the same name.
    CHECK(parse_event_choice("SIO", kNames).machine == 1);
    CHECK_FALSE(parse_event_choice("SIO", kNames).cause);
    for (const char* text : {"hello:page_fill:3:@7:20ms", "20ms:@7:3:PAGE_FILL:hello"}) {
        const EventChoice all = parse_event_choice(text, kNames);
        CHECK(all.machine == 0);
        CHECK(all.cause == 2);
        CHECK(all.count == 3);
        CHECK(all.number == 7);
        CHECK(all.time == 20'000'000);
        CHECK_FALSE(all.only_counts());
    }
}

TEST_CASE("what cannot be understood is told in one line, with the names that there are") {
    for (const char* text : {"", "frob", "-1", "3x", "1.5", "hello:", ":3", "99999999999999999999"}) {
        const std::string line = complaint(text);
        CAPTURE(text);
        CHECK(line.find("expected 3 (how many), @1234") != std::string::npos);
        CHECK(line.find("a virtual machine (hello, SIO, cpu2)") != std::string::npos);
        CHECK(line.find("a cause (LPSW, SIO, page_fill)") != std::string::npos);
        CHECK(line.find('\n') == std::string::npos);
    }
    for (const char* text : {"@", "@0", "@x", "@-1"})
        CHECK(complaint(text).find("expected a number from 1") != std::string::npos);
    CHECK(complaint("3:4") == "'4': expected how many only once in '3:4'");
    CHECK(complaint("hello:cpu2") == "'cpu2': expected a virtual machine only once in 'hello:cpu2'");
    CHECK(complaint("LPSW:page_fill") == "'page_fill': expected a cause only once in 'LPSW:page_fill'");
    CHECK(complaint("1s:2s") == "'2s': expected a time only once in '1s:2s'");
    CHECK(complaint("@1:@2") == "'@2': expected a number only once in '@1:@2'");
}

struct Event {
    size_t machine;
    simulation::SimTime at;
    std::vector<unsigned> causes;
};

/// The numbers of the events that are told.
std::vector<uint64_t> told(EventSelection& selection) {
    const std::vector<Event> events = {{0, 1000, {0}},    {2, 2000, {2, 1}}, {0, 3000, {1}},
                                       {0, 4000, {2, 2}}, {2, 5000, {}},     {0, 6000, {1}}};
    std::vector<uint64_t> numbers;
    for (const Event& event : events) {
        selection.begin(event.machine, event.at);
        for (const unsigned cause : event.causes) selection.add_cause(cause);
        if (selection.end()) numbers.push_back(selection.number());
    }
    return numbers;
}

std::vector<uint64_t> told(std::vector<const char*> texts) {
    std::vector<EventChoice> choices;
    for (const char* text : texts) choices.push_back(parse_event_choice(text, kNames));
    EventSelection selection(std::move(choices));
    return told(selection);
}

TEST_CASE("a choice meets the first events that all of it holds for") {
    using Numbers = std::vector<uint64_t>;
    CHECK(told({"2"}) == Numbers{1, 2});
    CHECK(told({"0"}).empty());
    CHECK(told({"cpu2"}) == Numbers{2});
    CHECK(told({"page_fill"}) == Numbers{2});
    CHECK(told({"hello:page_fill"}) == Numbers{4});
    CHECK(told({"page_fill:5"}) == Numbers{2, 4});
    CHECK(told({"@3"}) == Numbers{3});
    CHECK(told({"cpu2:@3"}) == Numbers{5});
    CHECK(told({"4us"}) == Numbers{4});
    CHECK(told({"4us:hello:2"}) == Numbers{4, 6});
}

TEST_CASE("an event that several choices meet is told once, and what met nothing is known") {
    using Numbers = std::vector<uint64_t>;
    CHECK(told({"1", "hello"}) == Numbers{1});
    CHECK(told({"1", "@6", "page_fill"}) == Numbers{1, 2, 6});
    EventSelection selection({parse_event_choice("@7", kNames), parse_event_choice("hello", kNames),
                              parse_event_choice("cpu2:LPSW", kNames), parse_event_choice("0", kNames)});
    CHECK(selection.open());
    CHECK(told(selection) == Numbers{1});
    CHECK(selection.unmet() == std::vector<std::string>{"@7", "cpu2:LPSW"});
    EventSelection done(first_events(2));
    told(done);
    CHECK_FALSE(done.open());
    CHECK(done.unmet().empty());
}

}  // namespace
}  // namespace vmcp::experiment
