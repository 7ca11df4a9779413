#include "vmcp/experiment/text_page.hpp"

#include <algorithm>

#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {

void TextPage::line(std::string_view text, size_t hang) {
    const size_t indent = std::min(text.find_first_not_of(' '), text.size());
    for (std::string& one : wrap(text.substr(indent), width_, indent, indent + hang)) {
        one.erase(one.find_last_not_of(' ') + 1);
        text_ += one + '\n';
    }
}

void TextPage::items(std::string text, const std::vector<std::string>& items) {
    std::string_view between = " ";
    for (const std::string& item : items) {
        if (characters(text) + between.size() + characters(item) > width_) {
            text_ += text + '\n';
            text.clear();
            between = "";
        }
        text.append(between).append(item);
        between = "  ";
    }
    text_ += text + '\n';
}

}  // namespace vmcp::experiment
