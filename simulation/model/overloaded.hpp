// A visitor for std::visit, made of lambdas.
#pragma once

namespace simulation {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace simulation
