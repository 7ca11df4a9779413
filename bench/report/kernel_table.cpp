#include "bench/report/kernel_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace bench {
namespace {

constexpr std::string_view kMips = "million instructions of the kernel a second of host CPU time";

std::string mips(const KernelSpeed& speed, Side side) {
    const std::optional<double>& value = speed.mips[place(side)];
    return value ? fmt::format("{:.{}f}", *value, *value < 10 ? 1 : 0) : std::string("none");
}

/// The median of how many times as fast as the other one a side is.
std::optional<double> ratio(const KernelSpeed& speed, Side of, Side to) {
    for (size_t r = 0; r < std::size(kRatios); ++r)
        if (kRatios[r].of == of && kRatios[r].to == to && speed.ratios[r]) return speed.ratios[r]->median;
    return std::nullopt;
}

std::string times(const KernelSpeed& speed, Side of, Side to) {
    const auto found = ratio(speed, of, to);
    return found ? fmt::format("{:.2f}", *found) : std::string("none");
}

std::string percent(const KernelSpeed& speed, Side of, Side to) {
    const auto found = ratio(speed, of, to);
    return found ? fmt::format("{:.{}f} %", *found * 100, *found < 0.1 ? 1 : 0) : std::string("none");
}

std::string row(const KernelSpeed& k) {
    using enum Side;
    return fmt::format("  {:14}{:>6}{:>6}{:>6}{:>8}{:>7}{:>9}{:>8}{:>6}{:>8}\n", k.kernel,
                       mips(k, interpreter), mips(k, translator), mips(k, hercules),
                       times(k, translator, interpreter), times(k, translator, hercules),
                       mips(k, guest_interpreter), percent(k, guest_interpreter, interpreter),
                       mips(k, guest_translator), percent(k, guest_translator, translator));
}

std::string native_row(const KernelSpeed& k) {
    using enum Side;
    return fmt::format("| {} | {} | {} | {} | {} | {} |\n", k.kernel, mips(k, interpreter),
                       mips(k, translator), mips(k, hercules), times(k, translator, interpreter),
                       times(k, translator, hercules));
}

std::string guest_row(const KernelSpeed& k) {
    using enum Side;
    return fmt::format("| {} | {} | {} | {} | {} |\n", k.kernel, mips(k, guest_interpreter),
                       percent(k, guest_interpreter, interpreter), mips(k, guest_translator),
                       percent(k, guest_translator, translator));
}

nlohmann::json to_json(const KernelSpeed& k) {
    nlohmann::json j;
    for (const Side side : kSides)
        if (const auto& value = k.mips[place(side)]) j["mips"][std::string(name_of(side))] = *value;
    for (size_t r = 0; r < std::size(kRatios); ++r)
        if (const auto& spread = k.ratios[r])
            j["ratio"][kRatios[r].key] = {
                {"median", spread->median}, {"lowest", spread->lowest}, {"highest", spread->highest}};
    return j;
}

}  // namespace

std::string to_text(const KernelSpeeds& speeds) {
    std::string text = fmt::format(
        "\nKernels, {}\n"
        "  int: interpreter, tr: translator (auto, as everybody gets it), herc: {};\n"
        "  guest: alone under the control program, and how much of the bare machine's\n"
        "  speed that is with the same executor; each the median of {}\n\n"
        "                        bare machine                    guest\n"
        "                   int    tr  herc  tr/int tr/herc      int of bare    tr of bare\n",
        kMips, speeds.hercules.empty() ? "hercules, which is not here" : speeds.hercules, speeds.repeats);
    for (const KernelSpeed& kernel : speeds.kernels) text += row(kernel);
    text += row(speeds.mean) + "\n";
    for (const KernelSpeed& kernel : speeds.kernels)
        text += fmt::format("  {:10}{}\n", kernel.kernel, kernel.what);
    for (const std::string& remark : speeds.remarks) text += "  " + remark + "\n";
    return text;
}

std::string to_markdown(const KernelSpeeds& speeds) {
    std::string text = fmt::format(
        "# Speed of kernels, measured\n\n"
        "Made by `build/release/bench_report --only kernels --repeats {} --markdown "
        "docs/measurements/kernels.md`\n"
        "([performance.md](../performance.md#kernels) tells how it is measured). MIPS are {}:\n"
        "host figures, which differ from run to run, each the median of {}. Ratios are medians of pairs that "
        "were taken in turns.\n"
        "The translator is that of `--executor auto`, as everybody gets it. The second implementation: {}.\n",
        speeds.repeats, kMips, speeds.repeats,
        speeds.hercules.empty() ? "hercules, which was not there" : speeds.hercules);
    for (const std::string& remark : speeds.remarks) text += "\nNote: " + remark + ".\n";
    text +=
        "\n## On the bare machine\n\n"
        "| kernel | interpreter, MIPS | translator, MIPS | hercules, MIPS | translator : interpreter | "
        "translator : hercules |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const KernelSpeed& kernel : speeds.kernels) text += native_row(kernel);
    text += native_row(speeds.mean);
    text +=
        "\n## As a guest, alone under the control program\n\n"
        "The share is that of the speed on the bare machine with the same executor.\n\n"
        "| kernel | interpreter, MIPS | of the bare machine's | translator, MIPS | of the bare machine's |\n"
        "| --- | --- | --- | --- | --- |\n";
    for (const KernelSpeed& kernel : speeds.kernels) text += guest_row(kernel);
    text += guest_row(speeds.mean);
    text += "\n## What they do\n\n| kernel | |\n| --- | --- |\n";
    for (const KernelSpeed& kernel : speeds.kernels)
        text += fmt::format("| {} | {} |\n", kernel.kernel, kernel.what);
    return text;
}

nlohmann::json to_json(const KernelSpeeds& speeds) {
    nlohmann::json j;
    for (const KernelSpeed& kernel : speeds.kernels) j["kernels"][kernel.kernel] = to_json(kernel);
    j["geometric_mean"] = to_json(speeds.mean);
    j["remarks"] = speeds.remarks;
    return j;
}

}  // namespace bench
