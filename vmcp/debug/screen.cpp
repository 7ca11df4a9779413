#include "vmcp/debug/screen.hpp"

#define NCURSES_NOMACROS 1  // functions, not macros with everyday names
#include <curses.h>
#include <fmt/format.h>
#include <langinfo.h>

#include <algorithm>
#include <cctype>
#include <clocale>
#include <cstring>
#include <nlohmann/json.hpp>

namespace vmcp::debug {
namespace {

constexpr int kEscape = 27, kTab = 9, kReturn = 13, kRubout = 127, kBackspace = 8, kEndOfText = 4;
constexpr unsigned kLeastWidth = 60, kLeastHeight = 20;

Seen seen_now(const Session& session, MachineNumber machine) {
    return {session.registers(kRealMachine), session.registers(machine), machine, true};
}

nlohmann::json to_json(const Registers& r) { return {r.gpr, isa::encode(r.psw)}; }

Registers registers_from(const nlohmann::json& json) {
    Registers r;
    json.at(0).get_to(r.gpr);
    r.psw = isa::decode_psw(json.at(1).get<uint64_t>());
    return r;
}

/// What a letter lets the run do.
std::optional<Resume::Kind> kind_of(int letter) {
    switch (std::tolower(letter)) {
        case 's': return Resume::Kind::instruction;
        case 'o': return Resume::Kind::over;
        case 'm': return Resume::Kind::moment;
        case 't': return Resume::Kind::trap;
        case 'i': return Resume::Kind::interruption;
        case 'w': return Resume::Kind::change_over;
        case 'g': return Resume::Kind::stop;
        default: return std::nullopt;
    }
}

}  // namespace

Screen::Screen(std::function<bool()> wants_to_stop) : wants_to_stop_(std::move(wants_to_stop)) {
    std::setlocale(LC_CTYPE, "");
    state_.plain = std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0;
    ::initscr();
    ::cbreak();
    ::noecho();
    ::nonl();
    ::keypad(stdscr, TRUE);
    ::set_escdelay(25);
    ::curs_set(0);
}

Screen::~Screen() { ::endwin(); }

void Screen::set_focus(MachineNumber machine) {
    state_.focus = machine;
    commands_.set_focus(machine);
}

void Screen::draw(const Session& session) {
    ::erase();
    const auto width = static_cast<unsigned>(std::max(getmaxx(stdscr), 0));
    const auto height = static_cast<unsigned>(std::max(getmaxy(stdscr), 0));
    if (width < kLeastWidth || height < kLeastHeight) {
        ::mvaddstr(0, 0, "VMCP: expected 60 columns and 20 lines at least");
        ::refresh();
        return;
    }
    int y = 0;
    for (const ScreenRow& row : screen_rows(session, state_, width, height)) {
        if (row.is_bar) ::attron(A_REVERSE);
        ::mvaddstr(y, 0, row.text.c_str());
        if (row.is_bar) ::attroff(A_REVERSE);
        for (const auto& [first, count] : row.bold)
            ::mvchgat(y, static_cast<int>(first), static_cast<int>(count), A_BOLD, 0, nullptr);
        ++y;
    }
    ::curs_set(state_.types ? 1 : 0);
    if (state_.types)
        ::move(static_cast<int>(height) - 1,
               static_cast<int>(std::min<size_t>(width - 1, std::strlen("VMCP> ") + state_.typed.size())));
    ::refresh();
}

Resume Screen::stopped(Session& session, const Stopped& why) {
    const Commands::Answer first = commands_.stopped(session, why);
    if (first.resume) return *first.resume;
    state_.running = false;
    state_.scrolled = 0;
    state_.answer.clear();
    switch (why.why) {
        case Stopped::Why::begin: state_.headline = "in front of the first instruction"; break;
        case Stopped::Why::arrived: state_.headline = "stopped"; break;
        case Stopped::Why::no_history: state_.headline = "the run begins here: nothing lies before"; break;
        case Stopped::Why::interrupted: state_.headline = "stopped by Ctrl-C"; break;
        case Stopped::Why::stop: state_.headline = why.text; break;
        case Stopped::Why::ended:
            state_.headline = "the run has ended; capitals lead back into it";
            state_.answer = why.text + '\n';
            break;
    }
    while (true) {
        draw(session);
        const int code = ::getch();
        wants_to_stop_();  // at rest Ctrl-C means nothing
        const auto resume = state_.types ? type(session, code) : key(session, code);
        if (!resume) continue;
        if (resume->kind == Resume::Kind::leave) {
            ::endwin();
            return *resume;
        }
        state_.seen = seen_now(session, state_.focus);
        state_.running = true;
        draw(session);
        return *resume;
    }
}

void Screen::next_machine(const Session& session) {
    MachineNumber next = state_.focus;
    do next = (next + 1) % session.machines();
    while (!session.logged_on(next));
    set_focus(next);
}

std::optional<Resume> Screen::key(Session& session, int code) {
    const auto resume = [&](Resume::Kind kind, bool backward) {
        return Resume{kind, backward, state_.focus, {}};
    };
    switch (code) {
        case KEY_RIGHT: return resume(Resume::Kind::instruction, false);
        case KEY_LEFT: return resume(Resume::Kind::instruction, true);
        case KEY_DOWN: return resume(Resume::Kind::moment, false);
        case KEY_UP: return resume(Resume::Kind::moment, true);
        case KEY_PPAGE:
            state_.scrolled += state_.answer.empty() ? 4 : -std::min<size_t>(4, state_.scrolled);
            break;
        case KEY_NPAGE:
            state_.scrolled += state_.answer.empty() ? -std::min<size_t>(4, state_.scrolled) : 4;
            break;
        case kTab: next_machine(session); break;
        case 'r': set_focus(kRealMachine); break;
        case '?':
            state_.answer = key_help();
            state_.scrolled = 0;
            break;
        case kEscape: state_.answer.clear(); break;
        case ':':
        case kReturn:
        case KEY_ENTER:
            state_.types = true;
            state_.typed.clear();
            recalled_ = 0;
            break;
        case '/':
            state_.types = true;
            state_.typed = "/";
            break;
        case 'q':
        case kEndOfText: return resume(Resume::Kind::leave, false);
        case ERR: break;
        default:
            if (code < 0x80)
                if (const auto kind = kind_of(code)) return resume(*kind, std::isupper(code) != 0);
    }
    return std::nullopt;
}

std::optional<Resume> Screen::type(Session& session, int code) {
    switch (code) {
        case kEscape: state_.types = false; break;
        case kReturn:
        case KEY_ENTER: {
            state_.types = false;
            const std::string line = state_.typed;
            if (line.empty()) break;
            history_.push_back(line);
            return execute(session, line);
        }
        case kRubout:
        case kBackspace:
        case KEY_BACKSPACE:
            if (state_.typed.empty())
                state_.types = false;
            else
                state_.typed.pop_back();
            break;
        case KEY_UP:
        case KEY_DOWN:
            recalled_ =
                code == KEY_UP ? std::min(recalled_ + 1, history_.size()) : recalled_ - (recalled_ != 0);
            state_.typed = recalled_ == 0 ? "" : history_[history_.size() - recalled_];
            break;
        default:
            if (code >= ' ' && code < kRubout) state_.typed += static_cast<char>(code);
    }
    return std::nullopt;
}

std::optional<Resume> Screen::execute(Session& session, const std::string& line) {
    state_.scrolled = 0;
    try {
        const Commands::Answer answer = commands_.command(session, line);
        state_.answer = answer.text;
        state_.focus = commands_.focus();
        return answer.resume;
    } catch (const std::runtime_error& error) {
        state_.answer = std::string(error.what()) + '\n';
    }
    return std::nullopt;
}

nlohmann::json Screen::save() const {
    return {{"commands", commands_.save()},
            {"focus", state_.focus},
            {"seen",
             {to_json(state_.seen.real), to_json(state_.seen.guest), state_.seen.machine, state_.seen.any}},
            {"history", history_}};
}

void Screen::restore(const nlohmann::json& json) {
    commands_.restore(json.at("commands"));
    json.at("focus").get_to(state_.focus);
    const auto& seen = json.at("seen");
    state_.seen = {registers_from(seen.at(0)), registers_from(seen.at(1)), seen.at(2).get<MachineNumber>(),
                   seen.at(3).get<bool>()};
    json.at("history").get_to(history_);
    state_.types = false;
    // The screen shows what another process has drawn.
    ::clearok(stdscr, TRUE);
}

}  // namespace vmcp::debug
