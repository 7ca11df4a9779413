// Included before everything else where the program is compiled for WebAssembly: what the C++ library and the
// C library of Debian's emscripten lack of what VMCP uses. Only so much of each as is used.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>

#if _LIBCPP_VERSION < 15000
// This library has no algorithms on ranges yet; names of its own namespace can only be added within it.
_LIBCPP_BEGIN_NAMESPACE_STD
namespace ranges {

template <class A, class B>
constexpr bool equal(const A& a, const B& b) {
    return std::equal(std::begin(a), std::end(a), std::begin(b), std::end(b));
}
template <class From, class To>
constexpr To copy(const From& from, To to) {
    return std::copy(std::begin(from), std::end(from), to);
}
template <class Range, class T>
constexpr void fill(Range&& range, const T& value) {
    std::fill(std::begin(range), std::end(range), value);
}
template <class Range, class Test>
constexpr bool all_of(const Range& range, Test test) {
    return std::all_of(std::begin(range), std::end(range), test);
}
template <class Range, class Test>
constexpr auto find_if(Range&& range, Test test) {
    return std::find_if(std::begin(range), std::end(range), test);
}

}  // namespace ranges
_LIBCPP_END_NAMESPACE_STD
#endif

#ifndef RENAME_NOREPLACE
inline constexpr unsigned RENAME_NOREPLACE = 1;

/// Nobody else works on the files of a page: that one looks first is as good.
inline int renameat2(int, const char* from, int, const char* to, unsigned flags) {
    if (flags == RENAME_NOREPLACE && ::access(to, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return std::rename(from, to);
}
#endif
