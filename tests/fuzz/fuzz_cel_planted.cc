// Proof that the fuzzers' set-up finds what it is for: a crash planted behind a successful parse.
// run_fuzzer.py --expect-crash fails if it is not found.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cel/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto syntax = fengsui::cel::parse(text);
  if (!syntax) return 0;
  // None of the seeds is a call of a function named by one letter over two arguments.
  const auto function = syntax->called_function();
  if (function && function->size() == 1 && syntax->arguments().size() == 2) __builtin_trap();
  return 0;
}
