#include "bench/support/kernels.hpp"

namespace bench {
namespace {

constexpr Kernel kKernels[] = {
    {"integer", "sorting records: loads, stores, branches"},
    {"crc", "a CRC by table: shifts, masks, indexed words"},
    {"sieve", "sieve of Eratosthenes: byte stores, BXLE"},
    {"bytes", "bytes one by one: STC, IC, MVI"},
    {"calls", "recursion: STM, LM, BALR"},
    {"linkage", "calls that do nothing: BALR, BAL, STM, LM, BR"},
    {"bytecode", "an interpreter: branches to addresses from a table"},
    {"moves", "4K by moves of 256 bytes: MVC"},
    {"mvcl", "8K filled, copied and compared at once: MVCL, CLCL"},
    {"strings", "cards: MVC, TR, CLC, TRT, EX"},
    {"execute", "words of a list: EX of moves, tests, arithmetic, calls"},
    {"decimal", "a bill: PACK, MP, DP, AP, SP, SRP, CP, ED, CVB, CVD, UNPK"},
    {"float", "series, a root, a product: AE, DE, ME, AD, DD, MD, HDR"},
    {"modify", "a program that changes its own instructions"},
    {"bcmode", "privileged, BC mode: SSM, STOSM, SSK, ISK, SPKA, STPT, SVC, LPSW"},
    {"ecmode", "privileged, translation on: LCTL, LRA, PTLB, page exceptions"},
    {"pages", "500 pages under translation, a word of each"},
    {"marks", "in C, by gcc: a list, matrices, a state machine, a CRC", true},
};

}  // namespace

std::span<const Kernel> kernels() { return kKernels; }

}  // namespace bench
