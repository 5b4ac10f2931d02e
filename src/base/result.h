// Expected failures are values. Three classes of failure, one way to say each:
//   bad input          Expected<T> with an Error of kind BadInput, its place in the message
//   the outside world  Expected<T> with an Error of kind Outside; `retryable` says whether to try
//   on broken invariant   INVARIANT (invariant.h): the process ends, restarts and recovers
// Exceptions of third-party libraries are caught in the file that calls the library.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace fengsui {

struct Error {
  enum class Kind { BadInput, Usage, Outside };

  Kind kind = Kind::BadInput;
  std::string message;
  bool retryable = false;

  static Error bad_input(std::string message) {
    return {Kind::BadInput, std::move(message), false};
  }
  static Error usage(std::string message) { return {Kind::Usage, std::move(message), false}; }
  static Error outside(std::string message, bool retryable = false) {
    return {Kind::Outside, std::move(message), retryable};
  }
};

template <class T, class E = Error>
using Expected = tl::expected<T, E>;

// `return fail(Error::bad_input("…"));`
template <class E>
tl::unexpected<std::decay_t<E>> fail(E&& error) {
  return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace fengsui
