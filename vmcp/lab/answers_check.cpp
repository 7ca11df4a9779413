// A check that compares what a student predicts of traps with what happens when the scenario runs.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "isa/psw.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/lab/check.hpp"
#include "vmcp/lab/lab_scenario.hpp"
#include "vmcp/lab/trap_facts.hpp"

namespace vmcp::lab {
namespace {

using simulation::TomlReader;

/// Capitals without blanks, underscores and an X'...' or 0x around it.
std::string normal(std::string_view answer) {
    std::string text;
    for (const char c : answer)
        if (c != ' ' && c != '_' && c != '\'')
            text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (text.starts_with("0X")) text.erase(0, 2);
    if (text.starts_with("X")) text.erase(0, 1);
    return text;
}

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

bool same(std::string_view answer, std::string_view fact) {
    std::string a = normal(answer), b = normal(fact);
    if (is_hex(a) && is_hex(b)) {
        a.erase(0, std::min(a.find_first_not_of('0'), a.size()));
        b.erase(0, std::min(b.find_first_not_of('0'), b.size()));
    }
    return a == b;
}

bool is_psw(std::string_view fact) { return fact.find("-psw") != std::string_view::npos; }

/// What of a PSW is not right, without telling what would be.
std::string wrong_of_psw(uint64_t answer, uint64_t right, Language language) {
    const isa::Psw a = isa::decode_psw(answer), r = isa::decode_psw(right);
    struct Part {
        bool right;
        const char *en, *ja;
    };
    const Part parts[] = {
        {a.ec_mode == r.ec_mode, "the mode (bit 12: BC or EC)", "モード(ビット 12: BC か EC)"},
        {a.problem_state == r.problem_state, "the state (bit 15: supervisor or problem)",
         "状態(ビット 15: 監視状態か問題状態)"},
        {a.wait == r.wait, "the wait bit (14)", "待ちビット(ビット 14)"},
        {a.dat == r.dat, "the translation bit (5, EC mode)", "変換ビット(EC モードのビット 5)"},
        {isa::system_mask(a) == isa::system_mask(r) || a.dat != r.dat, "the masks (bits 0 to 7)",
         "マスク(ビット 0〜7)"},
        {a.machine_check_mask == r.machine_check_mask, "the machine-check mask (bit 13)",
         "機械チェックのマスク(ビット 13)"},
        {a.key == r.key, "the key (bits 8 to 11)", "キー(ビット 8〜11)"},
        {a.condition_code == r.condition_code, "the condition code", "条件コード"},
        {a.program_mask == r.program_mask, "the program mask", "プログラムマスク"},
        {a.address == r.address, "the instruction address", "命令アドレス"},
    };
    std::string text;
    for (const Part& part : parts)
        if (!part.right)
            text += (text.empty() ? "" : words(language, ", ", "、")) + words(language, part.en, part.ja);
    if (text.empty())
        return words(language, "the interruption code or instruction length in the old PSW is not right",
                     "旧 PSW 中の割込みコードか命令長が違います");
    return words(language, "not right: {}", "違うところ: {}", text);
}

std::string what_is_wrong(const std::string& answer, const std::string& fact, const std::string& right,
                          Language language) {
    const std::string text = normal(answer);
    if (!is_psw(fact)) return words(language, "you said {}", "あなたの答え: {}", answer);
    if (!is_hex(text) || text.size() != 16)
        return words(language, "\"{}\": a PSW is 16 hexadecimal digits, such as 00000000 0000041C",
                     "「{}」: PSW は 16 進 16 桁です(例 00000000 0000041C)", answer);
    return wrong_of_psw(std::stoull(text, nullptr, 16), std::stoull(right, nullptr, 16), language);
}

/// The fact that the answer is instead of the one that it should be; empty: none.
std::string mistaken_for(const Facts& facts, const Question& question, const std::string& answer) {
    const bool psw = is_psw(question.fact);
    for (const auto& [name, value] : facts)
        if (name != question.fact && is_psw(name) == psw && same(answer, value)) return name;
    return "";
}

/// What a student's file says for "table.key"; empty where it does not.
std::string answer_of(TomlReader& answers, const std::string& key) {
    const size_t point = key.find('.');
    if (point == std::string::npos) return answers.text_or(key, "");
    const std::string table = key.substr(0, point);
    if (!answers.has(table)) return "";
    return answers.table(table).text_or(key.substr(point + 1), "");
}

Reason reason_of(const Check& check, const Question& question, const Facts& facts, const std::string& answer,
                 Language language) {
    if (normal(answer).empty())
        return {"", words(language, "{}: not filled in yet", "{}: まだ記入されていません", question.key)};
    const std::string& right = facts.at(question.fact);
    const std::string mistaken = mistaken_for(facts, question, answer);
    std::string words;
    if (!mistaken.empty()) words = said_of(check, question.key, mistaken, language);
    if (words.empty()) words = said_of(check, question.key, "", language);
    return {words,
            fmt::format("{}: {}", question.key, what_is_wrong(answer, question.fact, right, language))};
}

}  // namespace

Finding check_answers(const Check& check, const Workbench& bench, Language language) {
    std::optional<TomlReader> answers;
    std::vector<std::string> given;
    try {
        answers = TomlReader::load((bench / check.answers).string());
        for (const Question& one : check.questions) given.push_back(answer_of(*answers, one.key));
    } catch (const simulation::TomlError& error) {
        return Finding::not_yet(
            {{words(language, "{} cannot be read.", "{} を読み取れません。", check.answers),
              bench.without_folder(error.what())}});
    }
    std::optional<experiment::Scenario> scenario;
    if (Finding finding = read_lab_scenario(check, bench, language, scenario);
        finding.outcome != Outcome::passed)
        return finding;
    const Deadline deadline(check.seconds);
    TrapRecorder recorder(check.machine, check.questions);
    experiment::RunHooks hooks;
    hooks.observers = {&recorder};
    hooks.interrupted = [&deadline] { return deadline.over(); };
    experiment::run_on_copies(*scenario, hooks);
    if (deadline.over()) return deadline.told(language);
    Finding finding;
    for (size_t i = 0; i < given.size(); ++i) {
        const Question& question = check.questions[i];
        const Facts* const facts = recorder.of(question);
        if (facts == nullptr || !facts->contains(question.fact))
            throw simulation::TomlError(fmt::format("{}: of trap {} of {} there is no {}", check.file,
                                                    question.nth, question.instruction, question.fact));
        if (same(given[i], facts->at(question.fact)) && !given[i].empty()) continue;
        finding.outcome = Outcome::not_yet;
        add_reason(finding.reasons, reason_of(check, question, *facts, given[i], language));
    }
    return finding;
}

}  // namespace vmcp::lab
