#include "base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace fengsui {

void invariant_broken(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  std::abort();
}

}  // namespace fengsui
