// How the library says that something failed: a value, or what went wrong in words.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace fengsui {

struct Failure {
  std::string message;
};

template <class T>
using Result = tl::expected<T, Failure>;

}  // namespace fengsui
