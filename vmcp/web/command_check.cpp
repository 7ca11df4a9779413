// In the place of vmcp/lab/command_check.cpp: a page cannot run what such a check runs.
#include "vmcp/lab/check.hpp"

namespace vmcp::lab {

Finding check_command(const Check&, const Workbench&, Language language) {
    return {
        Outcome::cannot_judge,
        {{words(language,
                "This check runs programs of your computer (a compiler, perhaps), which a page in a browser "
                "cannot: use vmcp lab check.",
                "このチェックは手元の計算機のプログラム (コンパイラなど) "
                "を動かすため、ブラウザでは実行できません。vmcp lab "
                "check を使ってください。"),
          ""}}};
}

}  // namespace vmcp::lab
